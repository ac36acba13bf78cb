// Package client fetches a feed and cuts it into pages.
//
// A feed is one file, of up to 64 MiB; an entry of the journal must be much smaller. So the file is fetched once, checked as
// a whole (a broken one may have lost anything), and handed out as tables of a few thousand rows each, which the adapter
// reads like the whole. Where the pages of a file that was fetched before cannot be gone on with, since this process has
// not got it, reading begins again.
package client

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"restock/core"
	"restock/core/source/api"
	"restock/core/source/generic"
)

// Client reads one feed. It is for one goroutine.
type Client struct {
	caller *api.Caller
	format generic.Format
	pages  []part    // of the file that is being read
	rows   int64     // of it
	as     core.Time // when it was made; 0: nobody says
	seen   http.Header
}

// part is a page of the file.
type part struct {
	body []byte
	rows int64
}

// pageBytes is about how much of the file is a page.
const pageBytes = 512 << 10

// fetchTime is how long a file may take.
const fetchTime = 5 * time.Minute

// New makes a client of the feed at url. A token is sent as HTTP's bearer authentication (RFC 6750); "": none is. Pause is
// as in api.Config.
func New(url, format, token string, pause func(context.Context, time.Duration) error) (*Client, error) {
	caller, err := api.New(api.Config{
		Base: url, Secrets: []string{token}, Pause: pause, Limit: generic.MaxFeedBytes, Time: fetchTime,
		Authorize: func(r *http.Request) {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	return &Client{caller: caller, format: generic.Format(format)}, nil
}

// Close gives up its connections.
func (c *Client) Close() { c.caller.Close() }

// Changed is nothing: a feed says no changes, and is read as a whole.
func (c *Client) Changed(context.Context, core.Time) ([]core.ProductID, bool, error) {
	return nil, false, nil
}

// Find is nothing: a feed is read as a whole.
func (c *Client) Find(context.Context, []core.Unknown) ([]core.ProductID, error) { return nil, nil }

// Page fetches the feed, or goes on with the one that was fetched. A feed that is the same as the last time is an empty page.
func (c *Client) Page(ctx context.Context, q api.Query) (api.Page, error) {
	at := 0
	if q.From == "" {
		if same, err := c.fetch(ctx); err != nil || same {
			return api.Page{Read: c.rows, Total: c.rows}, err
		}
	} else {
		at, _ = strconv.Atoi(q.From)
		if at < 1 || at >= len(c.pages) {
			return api.Page{}, api.ErrRestart
		}
	}
	page := api.Page{Total: c.rows, As: c.as}
	if len(c.pages) > 0 {
		page.Body, page.Read = c.pages[at].body, c.pages[at].rows
	}
	if at+1 < len(c.pages) {
		page.Next = strconv.Itoa(at + 1)
	} else {
		c.pages = nil // the memory that it takes is given back until the next time
	}
	return page, nil
}

// fetch gets the file and cuts it up.
func (c *Client) fetch(ctx context.Context) (same bool, err error) {
	a, err := c.caller.Get(ctx, "", nil, c.seen)
	if err != nil || a.Unchanged {
		return a.Unchanged, err
	}
	c.pages, c.rows, c.as, c.seen = nil, 0, 0, nil
	if made, err := http.ParseTime(a.Header.Get("Last-Modified")); err == nil && made.Before(time.Now()) {
		c.as = core.TimeOf(made)
	}
	if err := c.cut(a.Body); err != nil {
		c.pages = nil
		return false, err
	}
	for _, p := range c.pages {
		c.rows += p.rows
	}
	c.seen = validators(a.Header)
	return false, nil
}

// validators ask for the file only if it is another one (RFC 9110, section 13).
func validators(h http.Header) http.Header {
	seen := http.Header{}
	if tag := h.Get("ETag"); tag != "" {
		seen.Set("If-None-Match", tag)
	}
	if made := h.Get("Last-Modified"); made != "" {
		seen.Set("If-Modified-Since", made)
	}
	return seen
}

// cut makes pages of a file that is sound as a whole.
func (c *Client) cut(data []byte) error {
	if p := generic.Refused(generic.Feed{Format: c.format, Data: data, ReadAt: 1}); p != nil {
		return &api.Error{Reason: api.Nonsense, Text: "the feed is refused as a whole: " + c.caller.Clean(p.Error())}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if c.format == generic.JSON {
		return c.cutJSON(data)
	}
	return c.cutCSV(data)
}

// cutCSV repeats the line of column names on each page, and writes commas whatever the file has.
func (c *Client) cutCSV(data []byte) error {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = generic.Delimiter(data), -1, true
	first, err := r.Read()
	if err != nil {
		return err
	}
	head := table(append([]string{}, first...))
	body, rows := bytes.Clone(head), int64(0)
	for {
		cells, err := r.Read()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if err != nil || len(body) >= pageBytes {
			c.pages = append(c.pages, part{body, rows})
			body, rows = bytes.Clone(head), 0
		}
		if err != nil {
			return nil
		}
		body, rows = append(body, table(cells)...), rows+1
	}
}

func table(cells []string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(cells) // into memory
	w.Flush()
	return b.Bytes()
}

func (c *Client) cutJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if _, err := d.Token(); err != nil {
		return err
	}
	body, rows := []byte("["), int64(0)
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if rows > 0 {
			body = append(body, ',')
		}
		body, rows = append(body, raw...), rows+1
		if len(body) >= pageBytes {
			c.pages = append(c.pages, part{append(body, ']'), rows})
			body, rows = []byte("["), 0
		}
	}
	if rows > 0 || len(c.pages) == 0 {
		c.pages = append(c.pages, part{append(body, ']'), rows})
	}
	return nil
}
