package manifest

import (
	"strings"
	"testing"

	"restock/core"
)

// A message that shows what is never there is found here, at its line, and not in the ledger.
func TestNeedsOfMessages(t *testing.T) {
	opt := options()
	opt.Needs = func(t core.Template) []string { return strings.Fields(t.Subject) }
	mail := func(subject string) string { return "email: {sender: inbox, subject: " + subject + ", html: x}}\n" }
	journey := func(occurs, subject string) string {
		return "kind: Journey\nname: j\nspec:\n  enter: {occurs: " + occurs + "}\n  shapes:\n    - {name: m, " + mail(subject)
	}
	broadcast := func(where, subject string) string {
		return "kind: Broadcast\nname: b\nspec: {where: " + where + ",\n  " + mail(subject)
	}
	const occurred = "{back_in_stock: {has occurred: {in the last: 7 days}}}"
	for _, test := range []struct{ file, want string }{
		{journey("back_in_stock", "product.title links.buy back_in_stock"), ""},
		{journey("back_in_stock", "links.confirm"), "f.yaml:6: spec.shapes[0]: shows links.confirm, which is not there when back_in_stock occurs"},
		{journey("waiting_on_stock", "waitlist.reached waitlist.waiting"), "f.yaml:6: spec.shapes[0]: shows waitlist.reached, waitlist.waiting, which"},
		{journey("confirmation_asked", "links.confirm"), ""},
		{journey("waitlist_reached", "waitlist.reached"), ""},
		{journey("waitlist_reached", "links.unsubscribe"), "f.yaml:6: spec.shapes[0]: shows links.unsubscribe"},
		{broadcast(occurred, "product.title links.buy back_in_stock"), ""},
		{broadcast(occurred, "waitlist.reached"), "f.yaml:4: spec.email: shows waitlist.reached"},
		{broadcast("{contact.tags: vip}", "product.title links.buy back_in_stock"),
			"f.yaml:4: spec.email: shows product.title, links.buy, back_in_stock, which is not there when a message is about nothing that occurred"},
		{broadcast("{none: ["+occurred+"]}", "product.title"), "f.yaml:4: spec.email: shows product.title"},
		{broadcast("{contact.tags: vip}", "links.unsubscribe"), ""},
	} {
		_, err := Parse([]File{{Name: "f.yaml", Data: []byte(test.file)}}, opt)
		if got := ""; err != nil && test.want == "" {
			t.Errorf("%s\ngot %v", test.file, err)
		} else if err != nil {
			if got = err.Error(); !strings.HasPrefix(got, test.want) {
				t.Errorf("%s\ngot  %s\nwant %s", test.file, got, test.want)
			}
		} else if test.want != "" {
			t.Errorf("%s\nis accepted, want %s", test.file, test.want)
		}
	}
}
