package edge

import (
	"strings"
	"testing"

	"restock/core"
	"restock/core/sign"
	"restock/core/wire"
)

// linked is an edge that knows keys and one link, and what makes tokens as the core does.
func linked(t testing.TB) (*Node, sealer) {
	t.Helper()
	n := newEdge(t)
	leads(t, n, theLink, theTarget)
	return n, sealer{n.configuration.current.Load().ring}
}

// leads tells an edge where a link leads.
func leads(t testing.TB, n *Node, id core.LinkID, url string) {
	t.Helper()
	b, err := wire.Marshal(wire.EdgeLink{Workspace: "default", URL: url})
	if err != nil {
		t.Fatal(err)
	}
	configure(t, n, wire.LinkKey(id), b)
}

const theTarget = "https://shop.example/products/tee?variant=71"

var theLink = core.NewLinkID("default", theTarget)

type sealer struct{ sign.Ring }

func (r sealer) click(id core.LinkID) string {
	return r.Short(wire.PurposeClick, wire.EncodeClick(id, core.MessageTag{1, 2}))
}

// TestUnsubscribeFromAll: the page's second button ends every message, whatever the link's purpose.
func TestUnsubscribeFromAll(t *testing.T) {
	n, r := linked(t)
	l := wire.Link{Workspace: "default", Contact: core.ContactID{9}, Channel: core.Email, Purpose: core.StockAlert}
	path := "/u/" + r.Seal(wire.PurposeUnsubscribe, l.Encode(), 0)
	if page := string(ask(n, "GET", path, nil, "").Body()); !strings.Contains(page, `action="?all=1"`) {
		t.Fatalf("the page has no button for all messages: %s", page)
	}
	ask(n, "POST", path, nil, "List-Unsubscribe=One-Click")
	ask(n, "POST", path+"?all=1", nil, "")
	entries := kept(t, n)
	if len(entries) != 2 || entries[0].(wire.OptOut).Purpose != core.StockAlert || entries[1].(wire.OptOut).Purpose != "" {
		t.Errorf("kept %+v", entries)
	}
}

// TestConfirm: GET shows a page and does nothing; POST confirms; a link that is over, of another purpose or forged says so.
func TestConfirm(t *testing.T) {
	n, r := linked(t)
	l := wire.Link{Workspace: "default", Contact: core.ContactID{9}, Channel: core.Email, Tag: core.AddressTag{7}}
	good := r.Seal(wire.PurposeConfirm, l.EncodeConfirm(), n.now().Add(core.Hour))
	if get := ask(n, "GET", "/c/"+good, nil, ""); get.StatusCode() != 200 || !strings.Contains(string(get.Body()), "<form method=\"post\">") || len(kept(t, n)) != 0 {
		t.Fatalf("GET answered %d, and %d entries are kept", get.StatusCode(), len(kept(t, n)))
	}
	over := r.Seal(wire.PurposeConfirm, l.EncodeConfirm(), n.now()-1)
	other := r.Seal(wire.PurposeUnsubscribe, l.EncodeConfirm(), 0)
	for _, bad := range []string{over, other, good[:len(good)-1] + "x", "x", r.click(theLink)} {
		for _, method := range []string{"GET", "POST"} {
			if a := ask(n, method, "/c/"+bad, nil, ""); a.StatusCode() != 410 {
				t.Errorf("%s of a link that confirms nothing answered %d", method, a.StatusCode())
			}
		}
	}
	if post := ask(n, "POST", "/c/"+good, nil, ""); post.StatusCode() != 200 {
		t.Errorf("POST answered %d", post.StatusCode())
	}
	entries := kept(t, n)
	if len(entries) != 1 {
		t.Fatalf("kept %+v", entries)
	}
	if c := entries[0].(wire.Confirm); c.Contact != l.Contact || c.Channel != core.Email || c.Tag != l.Tag || c.At == 0 {
		t.Errorf("kept %+v", c)
	}
}

// TestClick: a link leads where the core said; nothing in its URL leads anywhere else.
func TestClick(t *testing.T) {
	n, r := linked(t)
	good := "/r/" + r.click(theLink)
	for _, path := range []string{good, good + "?url=https://evil.example", good + "?to=//evil.example#x"} {
		if a := ask(n, "GET", path, nil, ""); a.StatusCode() != 302 || string(a.Header.Peek("Location")) != theTarget {
			t.Errorf("%s answered %d to %s", path, a.StatusCode(), a.Header.Peek("Location"))
		}
	}
	ask(n, "HEAD", good, nil, "")
	if entries := kept(t, n); len(entries) != 3 || entries[0].(wire.Click).Message != (core.MessageTag{1, 2}) || entries[0].(wire.Click).Link != theLink {
		t.Errorf("kept %+v, want three clicks", entries)
	}
	brief := "/r/" + r.Brief(wire.PurposeClick, wire.EncodeBrief(theLink, core.MessageTag{1, 2, 3, 4, 5, 6, 7}))
	if a := ask(n, "GET", brief, nil, ""); a.StatusCode() != 302 || string(a.Header.Peek("Location")) != theTarget {
		t.Errorf("%s answered %d to %s", brief, a.StatusCode(), a.Header.Peek("Location"))
	}
	want := wire.Click{Message: core.MessageTag{1, 2, 3, 4, 5, 6}, Link: theLink, Known: 6}
	if entries := kept(t, n); len(entries) != 4 || entries[3].(wire.Click).Message != want.Message || entries[3].(wire.Click).Known != want.Known {
		t.Errorf("kept %+v, want one of %+v", entries, want)
	}
	for _, bad := range []string{
		brief[:len(brief)-2] + "AA", "/r/" + r.Brief("confirm", wire.EncodeBrief(theLink, core.MessageTag{1})), "/r/" + r.Brief(wire.PurposeClick, make([]byte, 12)),
		"/r/" + r.click(core.NewLinkID("default", "https://shop.example/other")), good + "x", "/r/https:%2F%2Fevil.example", "/r/" + r.Short("confirm", make([]byte, wire.ClickBytes)),
		"/r/" + r.Short(wire.PurposeClick, []byte("short")),
	} {
		if a := ask(n, "GET", bad, nil, ""); a.StatusCode() != 404 || len(a.Header.Peek("Location")) != 0 {
			t.Errorf("%s answered %d to %q", bad, a.StatusCode(), a.Header.Peek("Location"))
		}
	}
	for _, url := range []string{"javascript:alert(1)", "//evil.example", "data:text/html,x", "/products", ""} {
		leads(t, n, core.LinkID{5}, url)
		if a := ask(n, "GET", "/r/"+r.click(core.LinkID{5}), nil, ""); a.StatusCode() != 404 {
			t.Errorf("a link to %q is followed: %d", url, a.StatusCode())
		}
	}
	if err := n.configuration.Configure(wire.LinkKey(theLink), nil); err != nil {
		t.Fatal(err)
	}
	if a := ask(n, "GET", good, nil, ""); a.StatusCode() != 404 {
		t.Errorf("a link that was taken back is followed: %d", a.StatusCode())
	}
}

// FuzzLinks: whatever stands behind /c/, /u/ and /r/ confirms nobody, ends nobody's messages, and leads nowhere but to the one target.
func FuzzLinks(f *testing.F) {
	n, r := linked(f)
	f.Add(r.click(theLink), "")
	f.Add(r.Brief(wire.PurposeClick, wire.EncodeBrief(theLink, core.MessageTag{1})), "")
	f.Add(r.Seal(wire.PurposeConfirm, wire.Link{Workspace: "default", Channel: core.Email}.EncodeConfirm(), 0), "all=1")
	f.Add("..%2f..", "url=//evil.example")
	f.Fuzz(func(t *testing.T, token, query string) {
		for _, c := range []byte(token + query) {
			if c <= ' ' || c >= 0x7f || c == '#' {
				return
			}
		}
		if strings.ContainsAny(token, "/?%") {
			return
		}
		a := ask(n, "GET", "/r/"+token+"?"+query, nil, "")
		if to := string(a.Header.Peek("Location")); to != "" && (to != theTarget || a.StatusCode() != 302) {
			t.Errorf("%q leads to %q", token, to)
		}
		for _, path := range []string{"/c/", "/u/"} {
			if a := ask(n, "GET", path+token, nil, ""); len(a.Header.Peek("Location")) != 0 {
				t.Errorf("%s%q leads to %q", path, token, a.Header.Peek("Location"))
			}
		}
	})
}
