package hook

import "fmt"

// Exporter is a loaded module, as far as CheckExports asks it.
type Exporter interface {
	// Exports says whether it exports a function of that name.
	Exports(name string) bool
	// CheckEntry says what is wrong with an export that is to take input and to answer; nil: nothing.
	CheckEntry(name string) error
}

// Export is the function of a plugin that is asked.
func (m Manifest) Export() string {
	if m.Kind == KindStep {
		return StepExport
	}
	return ConditionExport
}

// CheckExports says where a module is not what its manifest declares: it could be loaded, and then would fail about everybody.
func (m Manifest) CheckExports(e Exporter) error {
	if err := e.CheckEntry(m.Export()); err != nil {
		return fmt.Errorf("a %s must export %s, by the SDK or by hand: %w", m.Kind, m.Export(), err)
	}
	if len(m.Config) > 0 && !e.Exports(ConfigureExport) {
		return fmt.Errorf("plugin.yaml declares config, but it exports no function %q to take it; define it or declare none", ConfigureExport)
	}
	return nil
}
