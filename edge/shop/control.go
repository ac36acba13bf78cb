package shop

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
)

// restockUnits is how many units come in when the form does not say.
const restockUnits = 5

// answer is what a program is told of a change.
type answer struct {
	Variant   string `json:"variant"`
	Available int64  `json:"available"`
	Topic     string `json:"topic"`
	Webhook   string `json:"webhook"`         // its id
	Code      int    `json:"code"`            // HTTP code that the edge answered; 0: it did not
	Error     string `json:"error,omitempty"` // why it did not
}

// restock is the form {variant, quantity}: that many units come in, restockUnits when it does not say.
func (s *shop) restock(ctx *fasthttp.RequestCtx) {
	s.control(ctx, "restock", restockUnits, 1)
}

// sellOut is the form {variant, quantity}: that many units are sold, all of them when it does not say.
func (s *shop) sellOut(ctx *fasthttp.RequestCtx) {
	s.control(ctx, "sellout", maxUnits, -1)
}

// control changes the stock of a variant and sends the webhook that says so. A shop's stock is what it is, whether or
// not anybody hears of it: the change stays when the webhook fails, and the next one tells the new level.
func (s *shop) control(ctx *fasthttp.RequestCtx, deed string, fallback, sign int64) {
	p, v, ok := s.find(string(ctx.FormValue("variant")))
	if !ok {
		s.fail(ctx, fasthttp.StatusNotFound, "The shop has no such variant.")
		return
	}
	text := string(ctx.FormValue("quantity"))
	n, ok := parseUnits(text, fallback)
	if !ok {
		s.fail(ctx, fasthttp.StatusUnprocessableEntity, "The quantity must be a whole number from 1 to "+strconv.Itoa(maxUnits)+".")
		return
	}
	if deed == "sellout" && text != "" {
		deed = "sold"
	}
	s.tell(ctx, deed, p, v, s.stock.change(v, sign*n))
}

// tell sends the webhook of a level and answers whoever changed it. The request's own context is no good for it:
// fasthttp's ends with the server only.
func (s *shop) tell(ctx *fasthttp.RequestCtx, deed string, p product, v variant, l level) {
	w := newWebhook(topicLevel, l.At, report(l))
	code, err := s.courier.send(ctx, w)
	a := answer{Variant: id(v.ID), Available: l.Units, Topic: w.topic, Webhook: w.id, Code: code}
	if err != nil {
		s.config.Log.Error("sample shop's webhook had no answer", "error", err)
		a.Error = err.Error()
	}
	if wantsJSON(ctx) {
		answerJSON(ctx, a)
		return
	}
	back := url.Values{"variant": {a.Variant}, "notice": {deed}, "code": {strconv.Itoa(code)}}
	ctx.Response.Header.Set("Location", "/products/"+p.Handle+"?"+back.Encode())
	ctx.SetStatusCode(fasthttp.StatusSeeOther)
}

// wantsJSON: programs say so, browsers that send a form do not.
func wantsJSON(ctx *fasthttp.RequestCtx) bool {
	return strings.Contains(string(ctx.Request.Header.Peek("Accept")), "application/json")
}

// answerJSON says 502 when the edge did not take the webhook.
func answerJSON(ctx *fasthttp.RequestCtx, a answer) {
	body, err := json.Marshal(a)
	if err != nil {
		ctx.SetStatusCode(fasthttp.StatusInternalServerError)
		return
	}
	if !taken(a.Code) {
		ctx.SetStatusCode(fasthttp.StatusBadGateway)
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(append(body, '\n'))
}

// find looks a variant up by its id.
func (s *shop) find(text string) (product, variant, bool) {
	for _, p := range s.products {
		for _, v := range p.Variants {
			if id(v.ID) == text {
				return p, v, true
			}
		}
	}
	return product{}, variant{}, false
}

// id writes an id as it stands in forms and addresses.
func id(n int64) string { return strconv.FormatInt(n, 10) }
