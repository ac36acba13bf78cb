package edge

import (
	"encoding/json"
	"net/http"

	"github.com/valyala/fasthttp"

	"restock/core"
)

// problem is an answer by RFC 9457. Its type is about:blank: the status and the fields say it all.
type problem struct {
	Type   string            `json:"type"`
	Title  string            `json:"title"`
	Status int               `json:"status"`
	Detail string            `json:"detail,omitempty"`
	Errors []core.FieldError `json:"errors,omitempty"`
}

// answerProblem writes a problem.
func answerProblem(ctx *fasthttp.RequestCtx, status int, detail string, fields ...core.FieldError) {
	body, _ := json.Marshal(problem{"about:blank", http.StatusText(status), status, detail, fields}) // plain data: cannot fail
	ctx.SetStatusCode(status)
	ctx.SetContentType("application/problem+json")
	ctx.SetBody(body)
}
