package template

import (
	"embed"
	"strings"

	"restock/core"
)

//go:embed default
var defaultFiles embed.FS

// Defaults are the templates of the two playbooks that come with a source: waiting confirms to a contact that it is
// on the list, back tells it that the variant is back in stock. Their text parts are derived.
func Defaults() (waiting, back core.Template) {
	return defaultTemplate("waiting"), defaultTemplate("back")
}

// DefaultAlert is the template of the playbook that tells a source's merchant that many wait.
func DefaultAlert() core.Template { return defaultTemplate("alert") }

func defaultTemplate(name string) core.Template {
	return core.Template{
		Subject:   strings.TrimSpace(defaultFile(name + ".subject.liquid")),
		Preheader: strings.TrimSpace(defaultFile(name + ".preheader.liquid")),
		HTML:      defaultFile(name + ".html"),
	}
}

// defaultFile reads a file that the build embedded; TestDefaults asks for every one of them.
func defaultFile(name string) string {
	b, err := defaultFiles.ReadFile("default/" + name)
	if err != nil {
		panic("core/template: " + err.Error())
	}
	return string(b)
}
