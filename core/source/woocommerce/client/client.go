// Package client reads a WooCommerce shop's products and variations through its REST API v3
// (https://developer.woocommerce.com/docs, WooCommerce 3.5 and later; changes since a moment from 5.8 on).
//
// A page is a few products, each with all of its variations. Pages of all products go by their number, in order of ids: a
// product that is deleted meanwhile moves one of the next to a page that was read already. What somebody waits for is read
// by its id, and all is read again the next day.
//
// Key and secret are those of a REST API key with the right to read. They are sent as the user and password of HTTP's basic
// authentication, which WooCommerce takes on encrypted connections alone.
package client

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"restock/core"
	"restock/core/source/api"
)

// Client reads one shop. It is for one goroutine.
type Client struct {
	caller *api.Caller
}

// How much is asked for at once; WooCommerce gives at most 100 of anything.
const (
	batch         = 20   // products of a page
	variationsIn  = 100  // variations of a product
	changedIn     = 100  // ids
	maxVariations = 2048 // per product, as the adapter reads them
	maxBroken     = 3    // products of a page that are passed over since the shop fails at them; where there are more, it is the shop
)

const products = "/wp-json/wc/v3/products"

// What is read of products; descriptions and other plugins' data would make pages ten times as large. WordPress knows
// _fields since 4.9.8; older ones answer with everything.
const fields = "id,parent_id,type,name,status,permalink,sku,price,purchasable,date_modified_gmt,manage_stock,stock_quantity,stock_status,backorders,images,image,attributes,variations"

// New makes a client of the shop at base with a REST API key. Pause is as in api.Config.
func New(base, key, secret string, pause func(context.Context, time.Duration) error) (*Client, error) {
	caller, err := api.New(api.Config{
		Base: base, Secrets: []string{key, secret}, Pause: pause,
		Authorize: func(r *http.Request) { r.SetBasicAuth(key, secret) },
	})
	if err != nil {
		return nil, err
	}
	return &Client{caller}, nil
}

// Close gives up its connections.
func (c *Client) Close() { c.caller.Close() }

// entry is a product of a page.
type entry struct {
	Product    json.RawMessage   `json:"product"`
	Variations []json.RawMessage `json:"variations,omitempty"`
}

func (e entry) size() int {
	n := len(e.Product) + len(`{"product":,"variations":[]},`)
	for _, v := range e.Variations {
		n += len(v) + 1
	}
	return n
}

// listed is a product as the list of products has it.
type listed struct {
	raw        json.RawMessage
	ID         json.Number   `json:"id"`
	Type       string        `json:"type"`
	Variations []json.Number `json:"variations"`
}

// Page reads the next few products, as many as fit. One that does not fit alone is passed over and counted.
func (c *Client) Page(ctx context.Context, q api.Query) (api.Page, error) {
	if len(q.IDs) > 0 {
		return c.named(ctx, q.IDs[:min(len(q.IDs), batch)])
	}
	return c.following(ctx, q.From)
}

// following reads products in order of their ids, from a place on.
func (c *Client) following(ctx context.Context, from string) (api.Page, error) {
	at, last, err := parseCursor(from)
	if err != nil {
		return api.Page{}, err
	}
	all, total, err := c.products(ctx, url.Values{
		"offset": {strconv.FormatInt(at, 10)}, "per_page": {strconv.Itoa(batch)}, "orderby": {"id"}, "order": {"asc"}, "_fields": {fields},
	})
	if err != nil {
		return api.Page{}, err
	}
	if n := len(all); n > 0 && !after(all[n-1].ID, last) {
		return api.Page{}, errRepeats()
	}
	page, took, err := c.fill(ctx, all)
	if page.Total = total; took > 0 && (took < len(all) || len(all) == batch) {
		page.Next = fmt.Sprintf("%d:%s", at+int64(took), all[took-1].ID)
	}
	return page, err
}

// parseCursor reads how many products were read, and the id of the last of them.
func parseCursor(from string) (at int64, last json.Number, err error) {
	if from == "" {
		return 0, "", nil
	}
	count, id, _ := strings.Cut(from, ":")
	if at, err = strconv.ParseInt(count, 10, 64); err != nil || at < 0 {
		return 0, "", api.ErrRestart
	}
	return at, json.Number(id), nil
}

// after says whether an id comes after another in their order; "" is before all of them.
func after(id, other json.Number) bool {
	return cmp.Or(cmp.Compare(len(id), len(other)), cmp.Compare(id, other)) > 0
}

// errRepeats is for lists that begin again where they should go on.
func errRepeats() error {
	return &api.Error{Reason: api.Nonsense, Text: "its lists repeat themselves; does a cache before the shop pass over what stands behind the question mark?"}
}

// named reads products by their ids, in that order, and says which of them the shop does not have.
func (c *Client) named(ctx context.Context, ids []core.ProductID) (api.Page, error) {
	var include []string
	for _, id := range ids {
		if strings.Trim(string(id), "0123456789") == "" {
			include = append(include, string(id))
		}
	}
	byID := map[core.ProductID]listed{}
	if len(include) > 0 {
		all, _, err := c.products(ctx, url.Values{"include": {strings.Join(include, ",")}, "per_page": {"100"}, "page": {"1"}, "_fields": {fields}})
		if err != nil {
			return api.Page{}, err
		}
		for _, p := range all {
			byID[core.ProductID(p.ID)] = p
		}
	}
	var found []listed
	for _, id := range ids {
		if p, ok := byID[id]; ok {
			found = append(found, p)
		}
	}
	page, took, err := c.fill(ctx, found)
	page.Asked, page.Missing = answered(ids, include, found, took)
	return page, err
}

// answered is how many of ids a page answers that took some of what was found, and which of them are not there.
func answered(ids []core.ProductID, include []string, found []listed, took int) (asked, missing []core.ProductID) {
	asked = ids
	if took < len(found) {
		asked = ids[:slices.Index(ids, core.ProductID(found[took].ID))]
	}
	for _, id := range asked {
		there := slices.ContainsFunc(found, func(p listed) bool { return core.ProductID(p.ID) == id })
		if !there && slices.Contains(include, string(id)) {
			missing = append(missing, id)
		}
	}
	return asked, missing
}

// fill makes a page of as many products as fit, at least one; took is how many of them it stands for. What does not fit at
// all, or what the shop fails at, is passed over.
func (c *Client) fill(ctx context.Context, all []listed) (page api.Page, took int, err error) {
	entries := []entry{}
	room, broken := api.MaxPage-len(`{"products":[]}`), 0
	for ; took < len(all); took++ {
		e, err := c.entry(ctx, all[took])
		tooLarge := api.ReasonOf(err) == api.TooLarge
		if err != nil && !tooLarge {
			if broken++; broken > maxBroken || !c.failsAlone(ctx, err) {
				return api.Page{}, 0, err
			}
			page.Skipped++
			continue
		}
		tooLarge = tooLarge || e.size() > api.MaxPage-1024
		if !tooLarge && e.size() > room {
			break // the next page begins with it
		}
		if tooLarge {
			page.Skipped++
			continue
		}
		room -= e.size()
		entries = append(entries, e)
	}
	page.Read = int64(len(entries))
	page.Body, err = json.Marshal(map[string][]entry{"products": entries})
	return page, took, err
}

// entry reads a product's variations, if it has any.
func (c *Client) entry(ctx context.Context, p listed) (entry, error) {
	e := entry{Product: p.raw}
	if p.Type != "variable" && len(p.Variations) == 0 || p.Type == "grouped" || p.Type == "external" {
		return e, nil
	}
	path := products + "/" + url.PathEscape(p.ID.String()) + "/variations"
	for page := 1; ; page++ {
		var part []json.RawMessage
		_, err := c.get(ctx, path, url.Values{"per_page": {strconv.Itoa(variationsIn)}, "page": {strconv.Itoa(page)}, "_fields": {fields}}, &part)
		if err != nil {
			return e, err
		}
		if e.Variations = append(e.Variations, part...); len(e.Variations) > maxVariations {
			return e, &api.Error{Reason: api.TooLarge, Text: "a product has more variations than are read"}
		}
		if len(part) < variationsIn {
			return e, nil
		}
	}
}

// failsAlone says whether an error is about one product, and not about the shop: that answers another question.
func (c *Client) failsAlone(ctx context.Context, err error) bool {
	switch api.ReasonOf(err) {
	case api.Unavailable, api.Refused, api.Nonsense:
		_, _, err = c.products(ctx, url.Values{"per_page": {"1"}, "page": {"1"}, "_fields": {"id"}})
		return err == nil
	}
	return false
}

// products reads a part of the list of products, and how many there are in all.
func (c *Client) products(ctx context.Context, q url.Values) (all []listed, total int64, err error) {
	var raw []json.RawMessage
	header, err := c.get(ctx, products, q, &raw)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range raw {
		p := listed{raw: r}
		if err := decode(r, &p); err != nil {
			return nil, 0, err
		}
		all = append(all, p)
	}
	total, _ = strconv.ParseInt(header.Get("X-WP-Total"), 10, 64) // progress is all that it is for
	return all, total, nil
}

// Find calls nobody: variations name their product, and where the stock of all variations is counted, the item is the product.
func (c *Client) Find(_ context.Context, some []core.Unknown) (ids []core.ProductID, err error) {
	for _, u := range some {
		if id := cmp.Or(u.Product, core.ProductID(u.Item)); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Changed are the products that changed since then; more says that there are others. Older versions pass over the question
// and name all of them.
func (c *Client) Changed(ctx context.Context, since core.Time) (ids []core.ProductID, more bool, err error) {
	there := map[core.ProductID]bool{}
	for page := 1; len(ids) < api.MaxChanged; page++ {
		var part []struct {
			ID json.Number `json:"id"`
		}
		_, err := c.get(ctx, products, url.Values{
			"modified_after": {since.Go().Format("2006-01-02T15:04:05")}, "dates_are_gmt": {"true"}, "_fields": {"id"},
			"orderby": {"id"}, "order": {"asc"}, "per_page": {strconv.Itoa(changedIn)}, "page": {strconv.Itoa(page)},
		}, &part)
		if err != nil {
			return nil, false, err
		}
		known := len(ids)
		for _, p := range part {
			if id := core.ProductID(p.ID); !there[id] {
				there[id] = true
				ids = append(ids, id)
			}
		}
		if len(part) < changedIn {
			return ids, false, nil
		}
		if len(ids) == known {
			return nil, false, errRepeats()
		}
	}
	return ids, true, nil
}

func (c *Client) get(ctx context.Context, path string, q url.Values, into any) (http.Header, error) {
	a, err := c.caller.Get(ctx, path, q, nil)
	if err != nil {
		return nil, err
	}
	return a.Header, decode(a.Body, into)
}

func decode(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return &api.Error{Reason: api.Nonsense, Text: "it answers with something else than WooCommerce's REST API does; is the address the shop's, and are pretty permalinks on?"}
	}
	return nil
}
