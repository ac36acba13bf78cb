package cli

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// LoadSettings reads a YAML file of settings: its keys are the flags' names. A flag outranks the environment, which
// outranks the file.
func LoadSettings(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && err != io.EOF {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	return &settings{values}, nil
}

type settings struct{ values map[string]any }

// Validate refuses keys that no command has a flag for.
func (s *settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	_ = kong.Visit(app, func(n kong.Visitable, next kong.Next) error {
		if f, ok := n.(*kong.Flag); ok {
			known[f.Name] = true
		}
		return next(nil)
	})
	var wrong []string
	for key := range s.values {
		if !known[key] || key == "config" || key == "help" {
			wrong = append(wrong, key)
		}
	}
	if len(wrong) > 0 {
		sort.Strings(wrong)
		return fmt.Errorf("%w: no setting is called %s", ErrSettings, strings.Join(wrong, ", "))
	}
	return nil
}

// Resolve gives a flag's value from the file.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, set := os.LookupEnv(env); set {
			return nil, nil
		}
	}
	return s.values[flag.Name], nil
}
