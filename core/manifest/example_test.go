package manifest_test

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"restock/core"
	"restock/core/manifest"
)

// A merchant connects a shop: the source brings its playbooks, and one of them is turned on.
func ExampleParse() {
	file := manifest.File{Name: "shop.yaml", Data: []byte(`
kind: Source
name: demo
spec:
  platform: shopify
  url: https://shop.example
  secrets: [env:DEMO_SECRET]
  currency: EUR
---
kind: Playbook
name: demo-back
state: on
`)}
	set, err := manifest.Parse([]manifest.File{file}, manifest.Options{
		Read:          func(string) ([]byte, error) { return nil, fs.ErrNotExist },
		CheckTemplate: func(core.Template) error { return nil },
		CheckShort:    func(core.Template) error { return nil },
		EncodeConfig:  func(m map[string]any) ([]byte, error) { return json.Marshal(m) },
		Templates:     map[string]core.Template{"waiting": {Subject: "Noted"}, "back": {Subject: "It is back"}, "reminder": {Subject: "It still is"}, "last-call": {Subject: "Few are left"}, "vip": {Subject: "You first"}, "alert": {Subject: "Many wait"}, "confirm": {Subject: "Was it you?"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, j := range set[manifest.DefaultWorkspace].Journeys {
		fmt.Println(j.Journey.Name, "enters when", j.Journey.Enter.Occurs)
	}
	fmt.Println(set[manifest.DefaultWorkspace].States)
	// Output:
	// demo-waiting enters when waiting_on_stock
	// demo-back enters when back_in_stock
	// demo-reminder enters when back_in_stock
	// demo-last-call enters when running_low
	// demo-vip enters when back_in_stock
	// demo-alert enters when waitlist_reached
	// demo-confirm enters when confirmation_asked
	// [{demo-back true}]
}
