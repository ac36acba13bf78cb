package generic_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"restock/core"
	"restock/core/source/generic"
	"restock/core/source/sourcetest"
)

func read(format generic.Format, data string) (core.Facts, []generic.Problem) {
	return generic.ReadFeed(shop, generic.Feed{Format: format, Data: []byte(data), ReadAt: receivedAt})
}

// rowsOf says what a feed says, a line each: a variant, or a level.
func rowsOf(f core.Facts) (lines []string) {
	for _, p := range f.Products {
		for _, v := range p.Variants {
			q := "by its levels"
			if v.Quantity != nil {
				q = fmt.Sprintf("%d %t", v.Quantity.Units, v.Quantity.Tracked)
			}
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s/%s %s %s %s", p.Product.ID, v.Variant.ID, q, v.Variant.Price, v.Variant.Selling)))
		}
	}
	for _, l := range f.Levels {
		lines = append(lines, fmt.Sprintf("level %s@%s %d %t", l.Item, l.Location, l.Available.Units, l.Available.Tracked))
	}
	return lines
}

func want(t *testing.T, f core.Facts, problems []generic.Problem, rows, wrong []string) {
	t.Helper()
	if got := rowsOf(f); !reflect.DeepEqual(got, rows) {
		t.Errorf("the feed says\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(rows, "\n"))
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	if !reflect.DeepEqual(got, wrong) {
		t.Errorf("the problems are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wrong, "\n"))
	}
	for _, p := range sourcetest.Unsound(shop, f) {
		t.Error(p)
	}
}

// TestFeedFiles: the same table in both formats and in every dialect says the same.
func TestFeedFiles(t *testing.T) {
	rows := []string{
		"tee/tee-m 0 true 19.90 EUR", "tee/tee-l by its levels 19.90 EUR", "cap/cap 0 false 9.00 SEK", "bag/bag 0 true 0.00 preorder",
		"level tee-l@berlin 3 true", "level tee-l@paris 0 true",
	}
	csv, err := os.ReadFile(filepath.Join("testdata", "feed.csv"))
	if err != nil {
		t.Fatal(err)
	}
	json, err := os.ReadFile(filepath.Join("testdata", "feed.json"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(csv)
	for name, data := range map[string]string{
		"commas": text, "byte order mark": "\ufeff" + text, "CRLF": strings.ReplaceAll(text, "\n", "\r\n"),
		"semicolons": strings.ReplaceAll(text, ",", ";"), "tabs": strings.ReplaceAll(text, ",", "\t"),
	} {
		t.Run(name, func(t *testing.T) {
			f, problems := read(generic.CSV, data)
			want(t, f, problems, rows, nil)
		})
	}
	f, problems := read(generic.JSON, string(json))
	want(t, f, problems, rows, nil)
	if p := f.Products[0].Product; p.Title != "Tee, \"black\"" || p.URL != "https://shop.example/tee" || p.Vendor != "Acme" || !p.Published || p.UpdatedAt != updatedAt {
		t.Errorf("the product is %+v", p)
	}
	if p := f.Products[0]; p.Whole || p.Variants[0].Variant.Title != "M" || p.Variants[0].Variant.SKU != "0012" {
		t.Errorf("the product's fact is %+v", p)
	}
}

func TestFeedRows(t *testing.T) {
	for _, c := range []struct{ name, data, row, problem string }{
		{"units", "id,available\na,5", "level a@ 5 true", ""},
		{"fewer than none", "id,available\na,-2", "level a@ -2 true", ""},
		{"half a unit", "id,available\na,0.5", "level a@ 0 true", ""},
		{"large id", "id,available\n9007199254740993,5", "level 9007199254740993@ 5 true", ""},
		{"columns of no interest", "x,id,,available\n1,a,2,5", "level a@ 5 true", ""},
		{"capitals and spaces", " ID , Available \n a , 5 ", "level a@ 5 true", ""},
		{"in stock", "id,availability\na,in stock", "level a@ 0 false", ""},
		{"schema.org", "id,availability\na,https://schema.org/SoldOut", "level a@ 0 true", ""},
		{"counted and not for sale", "id,available,availability\na,5,out_of_stock", "level a@ 0 true", ""},
		{"counted and in stock", "id,available,availability\na,5,in_stock", "level a@ 5 true", ""},
		{"line breaks within a cell", "id,available,title,url\na,5,\"T\nee\",https://x.example\nb,6,,", "a/a 5 true 0.00|level b@ 6 true", ""},
		{"nothing said", "id,available,availability\na,,", "", "line 2: available: want units, or a word in availability"},
		{"another word", "id,availability\na,maybe", "", "line 2: availability: want in_stock, out_of_stock, backorder, preorder or discontinued"},
		{"no id", "id,available\n,5", "", "line 2: id: want an id: a whole number or a string without spaces, at most 128 bytes"},
		{"units in words", "id,available\na,many", "", "line 2: available: want a decimal number of at most 18 digits"},
		{"title without a page", "id,available,title,url\na,5,Tee,", "", "line 2: title: want title and url, or neither"},
		{"a page that is none", "id,available,title,url\na,5,Tee,/tee", "", "line 2: url: want an address that begins with http:// or https://"},
		{"price with a comma", "id;available;price;title;url\na;5;19,90;T;https://x.example", "", "line 2: price: want an amount such as 19.99"},
		{"price of a strange currency", "id,available,price,title,url\na,5,19.90 Euro,T,https://x.example", "", "line 2: price: want an amount such as 19.90 or 19.90 EUR"},
		{"a time of no kind", "id,available,updated_at\na,5,yesterday", "", "line 2: updated_at: want a time such as 2026-01-31T12:00:00, in UTC"},
		{"a cell too few", "id,available\na", "", "line 2: body: want 2 cells, as the first line has"},
		{"twice", "id,available\na,5\nb,1\na,6", "level a@ 5 true|level b@ 1 true", "line 4: id: want a variant once per location; line 2 has it"},
		{"the rest stands", "id,available\na,x\nb,1", "level b@ 1 true", "line 2: available: want a decimal number of at most 18 digits"},
		{"a line after line breaks", "id,available\n\n\na,x", "", "line 4: available: want a decimal number of at most 18 digits"},
		{"nothing", "", "", "line 1: body: want a line of column names"},
		{"no columns", "a,5", "", "line 1: id: want a column of that name"},
		{"no stock", "id,title\na,b", "", "line 1: available: want a column of that name, or availability"},
		{"a column twice", "id,available,available\na,5,6", "", `line 1: body: want each column once; "available" is there twice`},
		{"an open quote", "id,available\na,5\nb,\"6\n", "", `line 3: body: want cells as in RFC 4180: extraneous or missing " in quoted-field`},
		{"another encoding", "id,available\na,5\nb\xe9,6", "", "line 3: body: want UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, problems := read(generic.CSV, c.data)
			want(t, f, problems, split(c.row), split(c.problem))
		})
	}
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

func TestFeedInJSON(t *testing.T) {
	for _, c := range []struct{ name, data, row, problem string }{
		{"numbers", `[{"id":9007199254740993,"available":5}]`, "level 9007199254740993@ 5 true", ""},
		{"none", `[]`, "", ""},
		{"no list", `{"id":1}`, "", "line 1: body: want a JSON list of objects"},
		{"no object", "[\n{\"id\":1,\"available\":1},\n5]", "level 1@ 1 true", "line 3: body: want a JSON object"},
		{"a title that is none", "[\n\n{\"id\":1,\"available\":1,\"title\":5}]", "", "line 3: title: want a string"},
		{"cut short", "[{\"id\":1,\"available\":1},\n{\"id\":2,", "", "line 1: body: want well-formed JSON"},
		{"without an end", "[{\"id\":1,\"available\":1}\n", "", "line 1: body: want the list to end, and nothing behind it"},
		{"something behind", "[{\"id\":1,\"available\":1}]\n[]", "", "line 1: body: want the list to end, and nothing behind it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, problems := read(generic.JSON, c.data)
			want(t, f, problems, split(c.row), split(c.problem))
		})
	}
}

func TestFeedBounds(t *testing.T) {
	var many, large strings.Builder
	many.WriteString("id,available\n")
	large.WriteString("id,product,title,url,available\n")
	for i := range generic.MaxVariants + 2 {
		fmt.Fprintf(&many, "a%d,x\n", i)
		fmt.Fprintf(&large, "a%d,p,T,https://x.example,5\n", i)
	}
	_, problems := read(generic.CSV, many.String())
	if n := len(problems); n != generic.MaxProblems+1 || problems[n-1].Want != fmt.Sprintf("%d more lines to be right", generic.MaxVariants+2-generic.MaxProblems) {
		t.Errorf("%d problems, the last %v", len(problems), problems[len(problems)-1])
	}
	f, problems := read(generic.CSV, large.String())
	if len(f.Products) != 1 || len(f.Products[0].Variants) != generic.MaxVariants || len(problems) != 2 || problems[0].Field != "product" {
		t.Errorf("%d products, %d problems", len(f.Products), len(problems))
	}
	if _, problems = read(generic.CSV, strings.Repeat("x", generic.MaxFeedBytes+1)); len(problems) != 1 || problems[0].Want != "at most 64 MiB" {
		t.Errorf("a large feed gives %v", problems)
	}
	rows := "id,available\n" + strings.Repeat("a,5\n", generic.MaxRows)
	if f, problems = read(generic.CSV, rows+"b,1\n"); len(f.Levels) != 0 || len(problems) != 1 || problems[0].Line != generic.MaxRows+2 {
		t.Errorf("a long feed gives %d levels and %v", len(f.Levels), problems)
	}
}

func FuzzReadFeed(f *testing.F) {
	for _, name := range []string{"feed.csv", "feed.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, name == "feed.json")
	}
	f.Add([]byte("id;available;availability;price\na;\"5\";x;1 EUR"), false)
	f.Fuzz(func(t *testing.T, data []byte, json bool) {
		feed := generic.Feed{Format: generic.CSV, Data: data, ReadAt: receivedAt}
		if json {
			feed.Format = generic.JSON
		}
		facts, problems := generic.ReadFeed(shop, feed)
		for _, p := range sourcetest.Unsound(shop, facts) {
			t.Error(p)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Line > strings.Count(string(data), "\n")+1 || p.Field == "" || p.Want == "" {
				t.Errorf("problem %+v of a feed of %d bytes", p, len(data))
			}
		}
	})
}

func BenchmarkReadFeed(b *testing.B) {
	var csv strings.Builder
	csv.WriteString("id,product,title,url,price,available\n")
	for i := range 10_000 {
		fmt.Fprintf(&csv, "v%d,p%d,Tee,https://shop.example/p/%d,19.90,%d\n", i, i/5, i/5, i%7)
	}
	data := []byte(csv.String())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := generic.ReadFeed(shop, generic.Feed{Format: generic.CSV, Data: data, ReadAt: receivedAt}); problems != nil {
			b.Fatal(problems[0])
		}
	}
}
