package db_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

// TestLettersAreUsedOnce: two tables of one letter would read each other's rows.
func TestLettersAreUsedOnce(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "tables.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		table, ok := spec.Values[0].(*ast.CompositeLit)
		if !ok || len(table.Elts) == 0 {
			return true
		}
		if letter, ok := table.Elts[0].(*ast.BasicLit); ok && letter.Kind == token.CHAR {
			if other := owner[letter.Value]; other != "" {
				t.Errorf("%s and %s both have the letter %s", other, spec.Names[0], letter.Value)
			}
			owner[letter.Value] = spec.Names[0].Name
		}
		return true
	})
	if len(owner) < 50 {
		t.Errorf("found %d tables", len(owner))
	}
}
