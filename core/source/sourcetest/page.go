package sourcetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"restock/core"
	"restock/core/source"
)

// PageCase is a page of a source's API and what an adapter must make of it.
type PageCase struct {
	Name   string
	Source core.Source
	Page   core.Page
	Want   core.Facts
	Bad    []string // fields that errors are about, in order; each stands for a product (row) that is left out
}

// RunPages checks how the adapter reads each page, each in a subtest.
func RunPages(t *testing.T, a source.Adapter, cases []PageCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, p := range PageProblems(a, c) {
				t.Error(p)
			}
		})
	}
}

// PageProblems is what is wrong with how the adapter reads the page; empty when nothing is.
func PageProblems(a source.Adapter, c PageCase) (problems []string) {
	body := bytes.Clone(c.Page.Body)
	got, wrong := pageFacts(a, c.Source, core.Page{Body: body, As: c.Page.As})
	if fields := fieldsOf(wrong); fmt.Sprint(fields) != fmt.Sprint(c.Bad) {
		problems = append(problems, fmt.Sprintf("what is wrong is %q; want the fields %q", wrong, c.Bad))
	}
	if !same(got, c.Want) {
		problems = append(problems, fmt.Sprintf("Page =\n%s\nwant\n%s", show(got), show(c.Want)))
	}
	problems = append(problems, Unsound(c.Source, got)...)
	again, _ := pageFacts(a, c.Source, core.Page{Body: body, As: c.Page.As})
	if !bytes.Equal(body, c.Page.Body) || show(again) != show(got) {
		problems = append(problems, "reading the page a second time gives something else, or changes it")
	}
	text := show(got)
	for i := range body {
		body[i] = '#'
	}
	if show(got) != text {
		problems = append(problems, "the facts live in the memory of the page")
	}
	return append(problems, survivesBadPages(a, c)...)
}

// survivesBadPages reads what no client makes: nothing may panic, and what is read must be sound all the same.
func survivesBadPages(a source.Adapter, c PageCase) (problems []string) {
	for _, body := range garbage(c.Page.Body) {
		got, wrong := pageFacts(a, c.Source, core.Page{Body: body, As: c.Page.As})
		for _, err := range wrong {
			if errors.Is(err, errPanicked) {
				problems = append(problems, fmt.Sprintf("the page %.80q: %v", body, err))
			}
		}
		problems = append(problems, Unsound(c.Source, got)...)
	}
	return problems
}

var errPanicked = errors.New("the adapter panicked")

func pageFacts(a source.Adapter, src core.Source, page core.Page) (got core.Facts, wrong []error) {
	defer func() {
		if p := recover(); p != nil {
			got, wrong = core.Facts{}, []error{fmt.Errorf("reading page: %w: %v", errPanicked, p)}
		}
	}()
	return a.Page(src, page)
}

// fieldsOf are what errors are about: a payload's field, or all that it says.
func fieldsOf(wrong []error) (fields []string) {
	for _, err := range wrong {
		var bad *source.PayloadError
		if errors.As(err, &bad) {
			fields = append(fields, bad.Field)
		} else {
			fields = append(fields, err.Error())
		}
	}
	return fields
}
