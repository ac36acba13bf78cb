package manifest

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"restock/core"
	"restock/core/filter"
)

// filter reads a filter; one that is not there takes everything.
func (v value) filter(s filter.Scope) core.Filter {
	if !v.given() {
		return core.Filter{}
	}
	f, faults := filter.Parse(v.doc(), s)
	for _, fault := range faults {
		at := v
		if fault.Path != "" {
			at = v.within(fault.Path, v.node)
		}
		v.faults.add(v.file, fault.Line, at.path, "%s", fault.Message)
	}
	return f
}

// doc is the value as package filter reads it.
func (v value) doc() filter.Doc {
	d := filter.Doc{Line: v.node.Line}
	switch {
	case isNull(v.node):
	case v.node.Kind == yaml.ScalarNode:
		d.Kind, d.Text = filter.DocText, v.node.Value
	case v.node.Kind == yaml.SequenceNode:
		d.Kind = filter.DocList
		for i, item := range v.node.Content {
			d.Items = append(d.Items, v.within(fmt.Sprintf("[%d]", i), item).doc())
		}
	default:
		d.Kind = filter.DocMapping
		for i := 0; i+1 < len(v.node.Content); i += 2 {
			key, content := v.node.Content[i], v.node.Content[i+1]
			if key.Kind != yaml.ScalarNode {
				v.within("?", key).wrong("want a plain key, found %s", describe(key))
				continue
			}
			d.Keys = append(d.Keys, filter.Key{Name: key.Value, Line: key.Line, Value: v.within(shorten(key.Value), content).doc()})
		}
	}
	return d
}

// FormatFilter writes a filter in YAML, as it stands under where.
func FormatFilter(f core.Filter) string {
	b, err := yaml.Marshal(node(filter.Format(f)))
	if err != nil {
		panic("writing filter: " + err.Error()) // texts, lists and mappings only: cannot happen
	}
	return string(b)
}

// node is a document as YAML writes it: texts that could be read as something else get quotes.
func node(d filter.Doc) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: d.Text}
	switch d.Kind {
	case filter.DocList:
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		for _, item := range d.Items {
			n.Content = append(n.Content, node(item))
		}
	case filter.DocMapping:
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
		for _, k := range d.Keys {
			n.Content = append(n.Content, node(filter.Doc{Kind: filter.DocText, Text: k.Name}), node(k.Value))
		}
	}
	return n
}
