package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"restock/core"
	"restock/core/source/api"
	"restock/core/source/generic"
)

// feed is a file on a web server.
type feed struct {
	body, made, tag string
	calls, sent     int
}

func (f *feed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.calls++
	if r.Header.Get("Authorization") != "Bearer hunter2" || r.URL.Query().Get("all") != "1" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if f.tag != "" {
		w.Header().Set("ETag", f.tag)
		if r.Header.Get("If-None-Match") == f.tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if f.made != "" {
		w.Header().Set("Last-Modified", f.made)
	}
	f.sent++
	_, _ = io.WriteString(w, f.body)
}

func open(t *testing.T, f *feed, format string) *Client {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c, err := New(server.URL+"/feed?all=1", format, "hunter2", func(ctx context.Context, _ time.Duration) error { return ctx.Err() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// readAll reads all pages, and what the adapter makes of them.
func readAll(t *testing.T, c *Client, format string) (units []string, pages []api.Page) {
	t.Helper()
	src := core.Source{Name: "own", Currency: "EUR", API: core.API{Format: format}}
	for q := (api.Query{}); ; {
		p, err := c.Page(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Body) > 0 {
			f, wrong := generic.Adapter{}.Page(src, core.Page{Body: p.Body, As: 1})
			for _, l := range f.Levels {
				units = append(units, fmt.Sprintf("%s %d", l.Item, l.Available.Units))
			}
			for _, err := range wrong {
				units = append(units, err.Error())
			}
		}
		pages = append(pages, p)
		if p.Next == "" {
			return units, pages
		}
		q.From = p.Next
	}
}

func TestFilesAreCutBetweenRows(t *testing.T) {
	const rows = 40_000
	var csv, json strings.Builder
	csv.WriteString("\xef\xbb\xbfid;available;choice\n")
	json.WriteString("[")
	for i := range rows {
		fmt.Fprintf(&csv, "v%d;%d;\"a \"\"b\"\";\nc, %d\"\n", i, i, i)
		fmt.Fprintf(&json, "%s{\"id\":\"v%d\",\"available\":%d,\"choice\":\"é\"}\n", map[bool]string{true: ","}[i > 0], i, i)
	}
	json.WriteString("]")
	for format, body := range map[string]string{"csv": csv.String(), "json": json.String()} {
		t.Run(format, func(t *testing.T) {
			units, pages := readAll(t, open(t, &feed{body: body}, format), format)
			if len(units) != rows || units[0] != "v0 0" || units[rows-1] != fmt.Sprintf("v%d %d", rows-1, rows-1) {
				t.Fatalf("read %d rows, the last %q", len(units), units[len(units)-1])
			}
			read := int64(0)
			for _, p := range pages {
				read += p.Read
				if len(p.Body) > pageBytes+1024 {
					t.Errorf("a page has %d bytes", len(p.Body))
				}
			}
			if len(pages) < 2 || read != rows || pages[0].Total != rows {
				t.Errorf("read %d of %d rows in %d pages", read, pages[0].Total, len(pages))
			}
		})
	}
}

func TestSmallAndBrokenFiles(t *testing.T) {
	for _, tt := range []struct{ format, body, want string }{
		{"csv", "id,available\n", ""},
		{"json", "[]", ""},
		{"csv", "id\tavailable\na\t1\nb\tmany", "a 1; line 3: available: want a decimal number of at most 18 digits"},
		{"json", `[{"id":"a","available":1},{"id":"b"}]`, "a 1; line 1: available: want units, or a word in availability"},
	} {
		units, pages := readAll(t, open(t, &feed{body: tt.body}, tt.format), tt.format)
		if got := strings.Join(units, "; "); got != tt.want || len(pages) != 1 {
			t.Errorf("%q gives %q in %d pages, want %q", tt.body, got, len(pages), tt.want)
		}
	}
	for _, tt := range []struct{ format, body, says string }{
		{"csv", "", "column names"}, {"csv", "id,available\na,\"1", "RFC 4180"}, {"csv", "<html>", "id"}, {"json", `[{"id":"a","available":1}`, "list to end"}, {"json", "id,available\n", "JSON list"},
	} {
		_, err := open(t, &feed{body: tt.body}, tt.format).Page(t.Context(), api.Query{})
		if api.ReasonOf(err) != api.Nonsense || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q gives %v, want %q in it", tt.body, err, tt.says)
		}
	}
}

// TestAFileThatIsTheSame is not sent again, and says nothing; one that changed is read.
func TestAFileThatIsTheSame(t *testing.T) {
	f := &feed{body: "id,available\na,1\n", tag: `"1"`, made: "Sun, 01 Mar 2026 09:30:00 GMT"}
	c := open(t, f, "csv")
	_, first := readAll(t, c, "csv")
	_, second := readAll(t, c, "csv")
	if f.sent != 1 || len(first[0].Body) == 0 || len(second[0].Body) != 0 || second[0].Read != 1 || first[0].As != 1_772_357_400_000 {
		t.Errorf("sent %d times; first %+v, second %+v", f.sent, first[0], second[0])
	}
	f.body, f.tag = "id,available\na,2\n", `"2"`
	if units, _ := readAll(t, c, "csv"); len(units) != 1 || units[0] != "a 2" {
		t.Errorf("read %q", units)
	}
}

// TestPagesOfAnotherProcess cannot be gone on with.
func TestPagesOfAnotherProcess(t *testing.T) {
	for _, from := range []string{"1", "0", "x"} {
		if _, err := open(t, &feed{body: "id,available\na,1\n"}, "csv").Page(t.Context(), api.Query{From: from}); !errors.Is(err, api.ErrRestart) {
			t.Errorf("from %q gives %v", from, err)
		}
	}
}

// TestAFailureForgetsNothing: the file that could not be read the first time is asked for anew, not "if it changed".
func TestAFailureForgetsNothing(t *testing.T) {
	f := &feed{body: "broken", tag: `"1"`}
	c := open(t, f, "csv")
	for range 2 {
		if _, err := c.Page(t.Context(), api.Query{}); err == nil {
			t.Fatal("a broken file was taken")
		}
	}
	if f.sent != 2 {
		t.Errorf("sent %d times", f.sent)
	}
}

func FuzzCut(f *testing.F) {
	f.Add([]byte("id,available\na,1\nb,\"2\n\"\n"), false)
	f.Add([]byte(`[{"id":"a","available":1}]`), true)
	f.Fuzz(func(t *testing.T, data []byte, json bool) {
		format := generic.CSV
		if json {
			format = generic.JSON
		}
		caller, err := api.New(api.Config{Base: "http://127.0.0.1:1"})
		if err != nil {
			t.Fatal(err)
		}
		c := &Client{caller: caller, format: format}
		if c.cut(data) != nil {
			return
		}
		src := core.Source{Name: "own", Currency: "EUR", API: core.API{Format: string(format)}}
		whole, _ := generic.ReadFeed(src, generic.Feed{Format: format, Data: data, ReadAt: 1})
		n := 0
		for _, p := range c.pages {
			facts, _ := generic.Adapter{}.Page(src, core.Page{Body: p.body, As: 1})
			n += len(facts.Levels) + len(facts.Products)
		}
		if all := len(whole.Levels) + len(whole.Products); n != all {
			t.Errorf("the pages have %d facts, the whole %d", n, all)
		}
	})
}
