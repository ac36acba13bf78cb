package edge

import (
	"encoding/base64"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"restock/core"
	"restock/core/address"
	"restock/core/wire"
)

// Traps of captures: what no person does.
const tooFastMS = 300 // milliseconds from opening the form to sending it

// Lengths of a capture's fields, in bytes; what is longer is refused.
const (
	maxLocale   = 35 // RFC 5646, section 4.4.1
	maxZone     = 64 // twice the longest that there is
	maxMarket   = 64
	maxPage     = 2048
	maxForm     = 64
	maxKey      = 128
	maxEndpoint = 1024
)

// anyOrigin lets every page read our answers, refusals too: nothing in them is a secret, no cookie is looked at, and who
// may post is decided by the Origin of the POST itself.
func anyOrigin(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
}

// serveCapture takes a shopper's wish to be told. The answer is the same for new, repeated, suppressed and trapped
// captures: each is committed, without a look-up.
func (n *Node) serveCapture(ctx *fasthttp.RequestCtx) {
	anyOrigin(ctx)
	n.withBody(ctx, "capture", MaxCaptureBytes, (*Node).answerCapture)
}

func (n *Node) answerCapture(ctx *fasthttp.RequestCtx, body []byte) {
	f, err := parseForm(string(ctx.Request.Header.ContentType()), body)
	switch {
	case errors.Is(err, errMediaType):
		n.refuse(ctx, "capture", reasonMediaType, fasthttp.StatusUnsupportedMediaType, err.Error())
		return
	case err != nil:
		n.refuse(ctx, "capture", reasonMalformed, fasthttp.StatusBadRequest, err.Error())
		return
	}
	v := n.configuration.current.Load()
	if !v.ready {
		n.refuse(ctx, "capture", reasonNotReady, fasthttp.StatusServiceUnavailable, "this edge has no configuration yet")
		return
	}
	source, ok := v.sources[core.SourceName(f.Source)]
	switch {
	case f.Source == "":
		n.refuse(ctx, "capture", reasonFields, fasthttp.StatusUnprocessableEntity, "a field is wrong", core.FieldError{Field: "source", Message: "the name of a data source is needed"})
		return
	case !ok:
		n.refuse(ctx, "capture", reasonUnknownSource, fasthttp.StatusNotFound, "there is no data source of that name")
		return
	case !allowOrigin(ctx, source.Origins):
		n.refuse(ctx, "capture", reasonOrigin, fasthttp.StatusForbidden, "this origin may not post captures for that data source")
		return
	}
	client := n.proxies.client(ctx)
	if wait, why := n.limited(client, f.Source); wait > 0 {
		n.refuseFor(ctx, "capture", why, wait)
		return
	}
	n.takeCapture(ctx, f, source, client)
}

// refuseFor answers a request beyond a limit, and says when to try again.
func (n *Node) refuseFor(ctx *fasthttp.RequestCtx, kind string, why reason, wait time.Duration) {
	ctx.Response.Header.Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
	n.refuse(ctx, kind, why, fasthttp.StatusTooManyRequests, "too many requests; try again in a moment")
}

// over says for how long a client has to wait that sent more than a limit of its kind allows.
func (n *Node) over(l *limiter, ctx *fasthttp.RequestCtx) (wait time.Duration) {
	if key, ok := limitKey(n.proxies.client(ctx)); ok {
		wait = l.allow(key[:], time.Since(n.begin))
	}
	return wait
}

// limited asks the limits that may be seen from outside: those of client and source.
func (n *Node) limited(client netip.Addr, source string) (wait time.Duration, why reason) {
	now := time.Since(n.begin)
	if key, ok := limitKey(client); ok {
		wait = n.clients.allow(key[:], now)
	}
	if wait > 0 {
		return wait, reasonClientLimit
	}
	return n.sources.allow([]byte(source), now), reasonSourceLimit
}

// trapLimited marks a capture whose address was asked for too often. It is committed and answered like any other: who
// types in somebody else's address again and again learns nothing. Only what is committed counts: a shopper whose browser
// tried all the while that the disk was full is no flood.
func (n *Node) trapLimited(c *core.Capture) (counted [2]string) {
	now := time.Since(n.begin)
	for i, a := range [...]string{c.Email, c.Phone} {
		switch {
		case a == "":
		case n.addresses.allow([]byte(a), now) == 0:
			counted[i] = a
		case c.Trapped == "":
			c.Trapped = core.TrapLimited
		}
	}
	return counted
}

// giveBack takes back what trapLimited counted.
func (n *Node) giveBack(counted [2]string) {
	for _, a := range counted {
		if a != "" {
			n.addresses.giveBack([]byte(a))
		}
	}
}

// takeCapture checks the fields, commits and answers.
func (n *Node) takeCapture(ctx *fasthttp.RequestCtx, f form, source wire.EdgeSource, client netip.Addr) {
	c, err := f.check(source, n.slips)
	var invalid *core.InvalidError
	if errors.As(err, &invalid) {
		n.refuse(ctx, "capture", reasonFields, fasthttp.StatusUnprocessableEntity, "a field is wrong", invalid.Fields...)
		return
	}
	c.CapturedAt = n.now()
	c.Consent.IP = client.String()
	counted := n.trapLimited(&c)
	raw := rawPool.Get().(*[]byte)
	defer rawPool.Put(raw)
	*raw = wire.AppendCapture((*raw)[:0], &c)
	if err := n.store.Add(source.Workspace, *raw); err != nil {
		n.giveBack(counted)
		n.diskRefuses(ctx, "capture", err)
		return
	}
	n.metrics.captures[c.Trapped].Inc()
	ctx.SetStatusCode(fasthttp.StatusAccepted)
	ctx.SetContentType("application/json")
	ctx.SetBodyString(`{"result":"waiting"}`)
}

// rawPool holds bytes that captures are encoded into; Add has copied them when it returns.
var rawPool = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

// allowOrigin checks the Origin of the request itself: a text/plain POST is sent by browsers without asking first, so
// CORS does not protect this. A request without Origin comes from no page.
func allowOrigin(ctx *fasthttp.RequestCtx, origins []string) bool {
	origin := string(ctx.Request.Header.Peek("Origin"))
	allowed := len(origins) == 0 || origin == ""
	for _, o := range origins {
		allowed = allowed || o == origin
	}
	return allowed
}

// check makes a capture of the form, or says every field that is wrong.
func (f form) check(source wire.EdgeSource, s *slips) (core.Capture, error) {
	c := core.Capture{
		Target: core.Target{Source: source.Name, Variant: core.VariantID(f.Variant), Product: core.ProductID(f.Product)},
		Locale: f.Locale, Zone: f.Zone, Market: core.Market(f.Market), Quantity: f.Quantity, Key: f.Key, Trapped: f.trap(),
		Consent: core.Proof{Marketing: f.Marketing, Text: f.Text, Page: f.Page, Form: f.Form},
	}
	if c.Variant != "" {
		c.Product = "" // the variant says it
	}
	var wrong core.InvalidError
	f.checkTarget(&wrong)
	f.checkAddresses(&c, source, s, &wrong)
	f.checkPush(&c, &wrong)
	f.checkLengths(&wrong)
	return c, wrong.OrNil()
}

func (f form) trap() core.TrapName {
	switch {
	case f.Website != "":
		return core.TrapHoneypot
	case f.Elapsed && f.ElapsedMS < tooFastMS:
		return core.TrapTooFast
	}
	return ""
}

func (f form) checkTarget(wrong *core.InvalidError) {
	switch {
	case f.Variant == "" && f.Product == "":
		wrong.Add("variant", "the id of a variant is needed, or of a product for any variant of it")
	case len(f.Variant) > core.MaxExternalID:
		wrong.Add("variant", "at most %d bytes", core.MaxExternalID)
	case len(f.Product) > core.MaxExternalID:
		wrong.Add("product", "at most %d bytes", core.MaxExternalID)
	}
	if f.Quantity < 0 || f.Quantity > 1_000_000 {
		wrong.Add("quantity", "want 0 to 1000000")
	}
}

func (f form) checkAddresses(c *core.Capture, source wire.EdgeSource, s *slips, wrong *core.InvalidError) {
	region := strings.ToUpper(f.Region)
	if region != "" && (len(region) != 2 || strings.Trim(region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		wrong.Add("region", "want two letters, as in ISO 3166-1")
		region = ""
	}
	if region == "" {
		region = source.Region
	}
	c.Region = region
	if f.Email == "" && f.Phone == "" && f.Endpoint == "" {
		wrong.Add("email", "an e-mail address or a phone number is needed")
	}
	var err error
	if f.Email != "" {
		c.Email, err = address.Email(f.Email)
		addAddress(wrong, "email", err)
		if meant := s.meant(c.Email); meant != "" && !f.AsTyped {
			addAddress(wrong, "email", &address.Error{Message: "is this right? if so, send it again with email_as_typed", Suggest: meant})
		}
	}
	if f.Phone != "" {
		var country string
		c.Phone, country, err = address.Phone(f.Phone, region)
		addAddress(wrong, "phone", err)
		if f.Region == "" && country != "" {
			c.Region = country
		}
	}
}

// checkPush takes a browser's subscription: an https URL of a push service, and two keys of the right size (RFC 8291).
func (f form) checkPush(c *core.Capture, wrong *core.InvalidError) {
	if f.Endpoint == "" && f.P256DH == "" && f.Auth == "" {
		return
	}
	if !pushEndpoint(f.Endpoint) {
		wrong.Add("push.endpoint", "want the https URL of a push service, at most %d bytes", maxEndpoint)
	}
	if key, err := base64.RawURLEncoding.DecodeString(f.P256DH); err != nil || len(key) != 65 || key[0] != 4 {
		wrong.Add("push.p256dh", "want 65 bytes in base64url")
	}
	if auth, err := base64.RawURLEncoding.DecodeString(f.Auth); err != nil || len(auth) != 16 {
		wrong.Add("push.auth", "want 16 bytes in base64url")
	}
	c.Push = core.PushSubscription{Endpoint: f.Endpoint, P256DH: f.P256DH, Auth: f.Auth}
}

// pushEndpoint says whether a URL can be a push service's: its host has a public name, and no port is named. The core
// posts there, so that what only means something on its own network is refused.
func pushEndpoint(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxEndpoint && u.Scheme == "https" && u.User == nil && u.Fragment == "" && publicName(u.Host)
}

// privateTops are top-level domains that no public name has (RFC 2606, 6761, 6762, 8375; ICANN's reserved "internal"), and
// those that routers and clusters use nevertheless.
var privateTops = []string{"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "arpa", "test", "invalid", "onion"}

// publicName says whether a host is written as a name of at least two labels under a top-level domain of letters. Whatever
// reads as an address somewhere ("127.1", "0x7f.0.0.1", "127.0.0.1.") has another one.
func publicName(host string) bool {
	labels := strings.Split(strings.ToLower(host), ".")
	for _, label := range labels {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	top := labels[len(labels)-1]
	return len(labels) > 1 && len(top) > 1 && (isLetters(top) || strings.HasPrefix(top, "xn--")) && !slices.Contains(privateTops, top)
}

func isLetters(s string) bool { return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz") == "" }

// addAddress notes an address that is wrong, and what was probably meant.
func addAddress(wrong *core.InvalidError, field string, err error) {
	var bad *address.Error
	if errors.As(err, &bad) {
		wrong.Fields = append(wrong.Fields, core.FieldError{Field: field, Message: bad.Message, Suggest: bad.Suggest})
	}
}

func (f form) checkLengths(wrong *core.InvalidError) {
	for _, text := range []struct {
		field, value string
		limit        int
	}{
		{"locale", f.Locale, maxLocale}, {"zone", f.Zone, maxZone}, {"market", f.Market, maxMarket}, {"page", f.Page, maxPage}, {"form", f.Form, maxForm},
		{"consent.text", f.Text, core.MaxConsentText}, {"idempotency_key", f.Key, maxKey},
	} {
		if len(text.value) > text.limit {
			wrong.Add(text.field, "at most %d bytes", text.limit)
		}
	}
}
