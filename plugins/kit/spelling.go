package kit

import (
	"strings"
	"text/template"

	"restock/core/hook"
)

var initialism = map[string]bool{"id": true, "sku": true, "url": true, "vip": true}

// What no field may be called in C and in Rust (C11, section 6.4.1; the Rust Reference, keywords).
var (
	cKeywords = set("auto break case char const continue default do double else enum extern float for goto if inline int long " +
		"register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while nothing")
	rustKeywords = set("as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move " +
		"mut pub ref return self static struct super trait true type unsafe use where while abstract become box do final gen macro " +
		"override priv try typeof unsized virtual yield")
)

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(words) {
		all[w] = true
	}
	return all
}

// spelling is what the SDKs' templates call: types and their handling in each language.
func spelling() template.FuncMap {
	return template.FuncMap{
		"goType":  byType("string", "Int", "bool", "[]string", "Time"),
		"goRead":  byType("r.text()", "r.int()", "r.bool()", "r.texts()", "Time(r.int().Value)"),
		"goKeep":  byType("keepText(r.text())", "r.int()", "r.bool()", "keep(r.texts())", ""),
		"goIsSet": ofName(`v.%s != ""`, "v.%s.Known", "v.%s", "len(v.%s) > 0", pascal),
		"goAppend": func(n name) string {
			f := byType("appendText", "appendInt", "appendBool", "appendTexts", "")(n.Type)
			return f + `(appendText(output, "` + n.Path + `"), v.` + n.Pascal + byType("", ".Value", "", "", "")(n.Type) + ")"
		},

		"cType":    byType("restock_str", "restock_int", "int", "restock_list", "restock_time"),
		"cVarType": byType("restock_str", "restock_int", "int", "restock_texts", ""),
		"cRead": byType("restock_read_str(&r)", "restock_read_int(&r)", "restock_read_bool(&r)", "restock_read_list(&r)",
			"restock_read_number(&r, 0)"),
		"cIsSet": ofName("v->%s.len > 0", "!!v->%s.known", "!!v->%s", "v->%s.count > 0", snake),
		"cPut":   ofName("restock_put_str(v->%s);", "restock_put_int(v->%s.value);", "restock_put(0xc3);", "restock_put_texts(v->%s.items, v->%s.count);", snake),

		"tsType":  byType("string", "Int", "bool", "string[]", "i64"),
		"tsZero":  byType(`""`, "new Int()", "false", "[]", "0"),
		"tsRead":  byType("r.text()", "r.int()", "r.bool()", "r.texts()", "r.int().value"),
		"tsIsSet": ofName("v.%s.length > 0", "v.%s.known", "v.%s", "v.%s.length > 0", camel),
		"tsWrite": ofName("w.text(v.%s)", "w.int(v.%s.value)", "w.bool(v.%s)", "w.texts(v.%s)", camel),

		"rustType":     byType("&'a str", "Option<i64>", "bool", "Vec<&'a str>", "i64"),
		"rustKept":     byType("String", "Option<i64>", "bool", "Vec<String>", ""),
		"rustRead":     byType("r.text()", "r.int()", "r.bool()", "r.texts()", "r.int().unwrap_or(0)"),
		"rustReadKept": byType("r.text().to_string()", "r.int()", "r.bool()", "r.texts().into_iter().map(String::from).collect()", ""),
		"rustIsSet":    ofName("!self.%s.is_empty()", "self.%s.is_some()", "self.%s", "!self.%s.is_empty()", rust),
		"rustWrite":    ofName("w.text(&self.%s)", "w.int(self.%s.unwrap_or(0))", "w.bool(self.%s)", "w.texts(&self.%s)", rust),
	}
}

// byType chooses by a type.
func byType(text, number, boolean, list, time string) func(hook.Type) string {
	return func(t hook.Type) string {
		return map[hook.Type]string{hook.String: text, hook.Int: number, hook.Bool: boolean, hook.Strings: list, hook.Time: time}[t]
	}
}

// ofName chooses by a variable's type, and puts its name in for %s.
func ofName(text, number, boolean, list string, spelled func(name) string) func(name) string {
	choose := byType(text, number, boolean, list, "")
	return func(n name) string { return strings.ReplaceAll(choose(n.Type), "%s", spelled(n)) }
}

func pascal(n name) string { return n.Pascal }
func snake(n name) string  { return n.Snake }
func camel(n name) string  { return n.Camel }
func rust(n name) string   { return n.Rust }
