package console_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"restock/core"
	"restock/core/console"
	"restock/core/sender/inbox"
)

// node is the least that a core node can be.
type node struct{}

func (node) Ready() error                                  { return nil }
func (node) Status() ([]console.WorkspaceReport, error)    { return nil, nil }
func (node) Inbox(int) ([]inbox.Sent, error)               { return nil, nil }
func (node) InboxMessage(string) (m inbox.Sent, kept bool) { return m, false }
func (node) Apply(context.Context, []console.File) (r console.ApplyReport, err error) {
	return r, nil
}

func (node) Try(context.Context, console.TrialRequest) (r console.TrialReport, err error) {
	return r, nil
}

func (node) Plugins(context.Context, core.WorkspaceName) ([]console.PluginReport, error) {
	return nil, nil
}

func (node) Shadow(context.Context, core.WorkspaceName, core.Name, console.ShadowRequest) (r console.ShadowReport, ok bool, err error) {
	return r, false, nil
}

func (node) Replay(context.Context, core.WorkspaceName, core.Name, core.RunID, []byte) (r console.ReplayReport, ok bool, err error) {
	return r, false, nil
}

func (node) Why(core.WorkspaceName, string, core.VariantID) (r console.WhyReport, ok bool, err error) {
	return r, false, nil
}

func (node) Demand(core.WorkspaceName, console.DemandQuery) (r console.DemandReport, err error) {
	return r, nil
}

func (node) Export(core.WorkspaceName, string) (e console.ContactExport, ok bool, err error) {
	return e, false, nil
}

func (node) Erase(context.Context, core.WorkspaceName, string) (r console.EraseReport, err error) {
	return r, nil
}

func (node) Audience(context.Context, core.WorkspaceName, core.Name, int) (console.AudienceReport, bool, error) {
	return console.AudienceReport{}, false, nil
}

func (node) Templates(core.WorkspaceName) ([]console.TemplateReport, error) { return nil, nil }

func (node) Template(core.WorkspaceName, core.Name) (s console.TemplateSource, ok bool, err error) {
	return s, false, nil
}

func (node) Preview(context.Context, core.WorkspaceName, console.TemplateQuery) (p console.Preview, err error) {
	return p, nil
}

func (node) SendTest(context.Context, core.WorkspaceName, console.TemplateQuery) (r console.TestReport, err error) {
	return r, nil
}

func (node) Broadcasts(core.WorkspaceName) ([]console.BroadcastReport, error) { return nil, nil }

func (node) SetBroadcast(context.Context, core.WorkspaceName, core.Name, core.BroadcastVerb) (r console.BroadcastReport, ok bool, err error) {
	return r, false, nil
}

func (node) TryBroadcast(context.Context, core.WorkspaceName, core.Name, int) (r console.BroadcastTrial, ok bool, err error) {
	return r, false, nil
}

func (node) LinkKeys(context.Context) ([]console.LinkKeyReport, error) { return nil, nil }

func (node) RotateLinks(context.Context, bool) ([]console.LinkKeyReport, error) { return nil, nil }

func (node) ReadNow(context.Context, core.WorkspaceName, core.SourceName, bool) (bool, error) {
	return false, nil
}

func (node) Release(context.Context, core.WorkspaceName, core.SourceName, bool) (bool, error) {
	return false, nil
}

func (node) Restock(core.WorkspaceName, core.RestockID, int) (d console.RestockDetail, ok bool, err error) {
	return d, false, nil
}

func (node) Steer(context.Context, core.WorkspaceName, core.RestockID, core.Word, int64) (d console.RestockDetail, ok bool, err error) {
	return d, false, nil
}

func (node) Message(core.WorkspaceName, core.LedgerKey) (m console.MessageReport, ok bool, err error) {
	return m, false, nil
}

func (node) Messages(core.WorkspaceName, console.MessageQuery) ([]console.MessageReport, error) {
	return nil, nil
}

func (node) Resend(context.Context, core.WorkspaceName, []core.LedgerKey) (int, error) {
	return 0, nil
}

func (node) Journey(core.WorkspaceName, core.Name) (d console.JourneyDetail, ok bool, err error) {
	return d, false, nil
}

func (node) Direct(context.Context, core.WorkspaceName, core.Name, string, core.ShapeWord) (d console.JourneyDetail, ok bool, err error) {
	return d, false, nil
}

func (node) SetJourney(context.Context, core.WorkspaceName, core.Name, bool) (bool, error) {
	return false, nil
}

// A console serves people and programs over whatever node there is; every error is a problem document.
func ExampleNew() {
	server := httptest.NewServer(console.New(node{}, console.Config{}))
	defer server.Close()
	resp, err := http.Get(server.URL + "/api/v1/why?contact=ada@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(resp.Header.Get("Content-Type"), err)
	fmt.Print(string(body))
	// Output:
	// application/problem+json <nil>
	// {"type":"about:blank","title":"Not Found","status":404,"detail":"Nobody with this address is known in workspace default."}
}
