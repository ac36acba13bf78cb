package client

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"restock/core"
	"restock/core/source/api"
)

// variables are what a query is asked with.
type variables map[string]any

// reply is what GraphQL answers, with Shopify's own account of what it cost.
type reply struct {
	Data   json.RawMessage `json:"data"`
	Errors []struct {
		Message    string `json:"message"`
		Extensions struct {
			Code string `json:"code"`
		} `json:"extensions"`
	} `json:"errors"`
	Extensions struct {
		Cost cost `json:"cost"`
	} `json:"extensions"`
}

// cost is in points, which may have fractions.
type cost struct {
	Requested float64 `json:"requestedQueryCost"`
	Status    struct {
		Available float64 `json:"currentlyAvailable"`
		Restore   float64 `json:"restoreRate"` // a second
	} `json:"throttleStatus"`
}

// bucket is what the shop said last of the points that are left.
type bucket struct {
	cost
	at time.Time
}

// longestWait bounds what a bucket makes wait, whatever the shop says of it.
const longestWait = time.Minute

// wait is how long it takes until there are points for a query that costs what the last one did.
func (b bucket) wait(now time.Time) time.Duration {
	missing := b.Requested - b.Status.Available
	if missing <= 0 || b.Status.Restore <= 0 {
		return 0
	}
	seconds := min(missing/b.Status.Restore, longestWait.Seconds())
	return max(0, time.Duration(seconds*float64(time.Second))-now.Sub(b.at))
}

// ask sends a query and reads what it answers into data. When the shop's bucket is empty it waits.
func (c *Client) ask(ctx context.Context, query string, v variables, data any) error {
	body, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		return err
	}
	for try := 1; ; try++ {
		if d := c.bucket.wait(time.Now()); d > 0 {
			if err := c.caller.Pause(ctx, d); err != nil {
				return err
			}
			c.bucket = bucket{}
		}
		r, err := c.post(ctx, body)
		if err != nil {
			return err
		}
		failed := c.judge(r)
		switch {
		case failed == nil:
			return decode(r.Data, data)
		case try == api.Tries || failed.Reason != api.Throttled && failed.Reason != api.Unavailable:
			return failed
		}
		if err := c.caller.Pause(ctx, max(c.bucket.wait(time.Now()), time.Duration(try)*time.Second)); err != nil {
			return err
		}
	}
}

func (c *Client) post(ctx context.Context, body []byte) (r reply, err error) {
	a, err := c.caller.Post(ctx, path, body)
	if err != nil {
		return r, err
	}
	if err := decode(a.Body, &r); err != nil {
		return r, err
	}
	if r.Extensions.Cost.Requested > 0 {
		c.bucket = bucket{r.Extensions.Cost, time.Now()}
	}
	return r, nil
}

// judge says what the errors of a reply come to (https://shopify.dev/docs/api/admin-graphql, status and error codes).
func (c *Client) judge(r reply) *api.Error {
	if len(r.Errors) == 0 {
		if len(r.Data) == 0 || string(r.Data) == "null" {
			return &api.Error{Reason: api.Nonsense, Text: "it answers with neither data nor errors"}
		}
		return nil
	}
	first := r.Errors[0]
	e := &api.Error{Reason: api.Refused, Text: "Shopify says: " + c.caller.Clean(first.Message)}
	switch first.Extensions.Code {
	case "THROTTLED":
		e.Reason = api.Throttled
	case "MAX_COST_EXCEEDED":
		e.Reason = api.TooLarge
	case "ACCESS_DENIED", "SHOP_INACTIVE":
		e.Reason = api.Unauthorized
	case "INTERNAL_SERVER_ERROR", "TIMEOUT":
		e.Reason = api.Unavailable
	default:
		if strings.EqualFold(first.Message, "Throttled") {
			e.Reason = api.Throttled
		}
	}
	return e
}

// decode reads JSON that must be what Shopify documents.
func decode(raw []byte, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return &api.Error{Reason: api.Nonsense, Text: "it answers with something else than the GraphQL Admin API does; is the address that of the shop's admin, https://NAME.myshopify.com?"}
	}
	return nil
}

// object is a node as the shop sent it.
type object map[string]json.RawMessage

// id is a node's GID.
func (o object) id() string {
	var id string
	_ = json.Unmarshal(o["id"], &id) // the adapter says what is wrong with a node
	return id
}

// connection is a part of a list.
type connection struct {
	PageInfo struct {
		HasNextPage bool   `json:"hasNextPage"`
		EndCursor   string `json:"endCursor"`
	} `json:"pageInfo"`
	Nodes []object `json:"nodes"`
}

// bare is the number in a GID.
func bare(gid string) core.ProductID { return core.ProductID(gid[strings.LastIndexByte(gid, '/')+1:]) }

// numeric says whether an id is one of Shopify's.
func numeric[ID ~string](id ID) bool { return id != "" && strings.Trim(string(id), "0123456789") == "" }
