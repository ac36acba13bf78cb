package template

import (
	"embed"
	"strings"

	"restock/core"
)

//go:embed default
var defaultFiles embed.FS

// Defaults are the templates of the playbooks that come with a source, by their names: waiting confirms to a contact that it is
// on the list, back tells it that the variant is back in stock, reminder says once more that it still is, last-call that few are left, vip tells it before others, alert tells its
// merchant that many wait, confirm asks a shopper whether it was they who asked. Their text parts are derived. Waiting, back, reminder
// and confirm are written in the languages of the widget.
func Defaults() map[string]core.Template {
	all := map[string]core.Template{}
	for _, name := range []string{"waiting", "back", "reminder", "last-call", "vip", "alert", "confirm"} {
		all[name] = defaultTemplate(name)
	}
	return all
}

func defaultTemplate(name string) core.Template {
	return translated(core.Template{
		Subject:   strings.TrimSpace(defaultFile(name + ".subject.liquid")),
		Preheader: strings.TrimSpace(defaultFile(name + ".preheader.liquid")),
		HTML:      defaultFile(name + ".html"),
	})
}

// defaultFile reads a file that the build embedded; TestDefaults asks for every one of them.
func defaultFile(name string) string {
	b, err := defaultFiles.ReadFile("default/" + name)
	if err != nil {
		panic("core/template: " + err.Error())
	}
	return string(b)
}
