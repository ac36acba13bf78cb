package console

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"restock/core"
	"restock/core/sender/inbox"
)

// fake is a Backend made of data. Its zero value is an empty node that is ready.
type fake struct {
	notReady error
	broken   error // what Status, Inbox, Why, Apply and SetJourney return
	panics   bool  // Status does
	reports  []WorkspaceReport
	sent     []inbox.Sent
	stories  map[string]WhyReport // by "workspace address variant"
	report   ApplyReport
	wanted   DemandReport

	mu      sync.Mutex // guards what follows
	applied [][]File
	resent  bool
	set     []string // "workspace name on"
}

func (f *fake) Ready() error { return f.notReady }

func (f *fake) Status() ([]WorkspaceReport, error) {
	if f.panics {
		panic("the fake is told to")
	}
	return f.reports, f.broken
}

func (f *fake) Inbox(limit int) ([]inbox.Sent, error) {
	return f.sent[:min(limit, len(f.sent))], f.broken
}

func (f *fake) InboxMessage(key string) (inbox.Sent, bool) {
	for _, m := range f.sent {
		if m.Key == key {
			return m, true
		}
	}
	return inbox.Sent{}, false
}

func (f *fake) Why(w core.WorkspaceName, address string, variant core.VariantID) (WhyReport, bool, error) {
	if address == "nonsense" {
		return WhyReport{}, false, &core.InvalidError{Fields: []core.FieldError{{Field: "contact", Message: "want an address", Suggest: "a@b.example"}}}
	}
	report, ok := f.stories[fmt.Sprintf("%s %s %s", w, address, variant)]
	return report, ok, f.broken
}

func (f *fake) Demand(w core.WorkspaceName, q DemandQuery) (DemandReport, error) {
	if q.Source == "nothing" {
		return DemandReport{}, &core.InvalidError{Fields: []core.FieldError{{Field: "source", Message: "there is no source nothing in workspace default"}}}
	}
	r := f.wanted
	r.Workspace, r.Ranking = w, r.Ranking[:min(len(r.Ranking), q.Limit)]
	return r, f.broken
}

func (f *fake) Export(w core.WorkspaceName, address string) (ContactExport, bool, error) {
	if address == "nonsense" {
		return ContactExport{}, false, errNonsense
	}
	return ContactExport{Workspace: w, Contact: "c0ffee", Email: address, CreatedAt: "2026-03-01T10:00:00.000Z", Runs: []ExportedRun{{Run: theRestock.String(), Journey: "back"}}},
		address == "ada@example.com", f.broken
}

func (f *fake) Erase(_ context.Context, w core.WorkspaceName, address string) (EraseReport, error) {
	if address == "nonsense" {
		return EraseReport{}, errNonsense
	}
	return EraseReport{Workspace: w, Address: "a***", Known: address == "ada@example.com", ErasedAt: "2026-03-01T12:00:00.000Z"}, f.broken
}

// errNonsense is what a Backend says of what is no address.
var errNonsense = &core.InvalidError{Fields: []core.FieldError{{Field: "address", Message: "want an address", Suggest: "a@b.example"}}}

// theRestock is the only one that the fake knows.
var theRestock = core.RestockID{0xab}

func (f *fake) Restock(_ core.WorkspaceName, id core.RestockID, next int) (RestockDetail, bool, error) {
	score := int64(7)
	d := RestockDetail{
		RestockReport: RestockReport{ID: id.String(), Title: "Tee", At: core.RestockOpen, OpenedAt: "2026-03-01T10:00:00.000Z", Waves: &WavesReport{Begun: 1, MayBuy: 3, NextAt: "2026-03-01T11:00:00.000Z"}},
		Policy:        "2 per unit", Each: []WaveReport{{N: 1, BegunAt: "2026-03-01T10:00:00.000Z", Size: 4, Units: 2, Taken: 4}},
		Next: []NextReport{{Contact: "c0ffee", Address: "a***@example.com", AskedAt: "2026-02-01T10:00:00.000Z", Score: &score}},
	}
	d.Next = d.Next[:min(next, 1)]
	return d, id == theRestock, f.broken
}

func (f *fake) Steer(_ context.Context, w core.WorkspaceName, id core.RestockID, word core.Word, size int64) (RestockDetail, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d, ok, err := f.Restock(w, id, 0)
	if word == core.WordStopped {
		return d, ok, &core.InvalidError{Fields: []core.FieldError{{Field: "verb", Message: "the restock is over"}}}
	}
	f.set = append(f.set, fmt.Sprintf("%s %s %q %d", w, id, word, size))
	return d, ok, err
}

// theMessage is the only one that the fake knows.
var theMessage = core.LedgerKey{0xcd}

func (f *fake) Message(_ core.WorkspaceName, key core.LedgerKey) (MessageReport, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := MessageReport{
		Key: key.String(), At: core.IntentDropped, Reason: core.ReasonGivenUp, Detail: "451 <later>", Contact: "c0ffee", Address: "a***@example.com", Channel: core.Email,
		Journey: "back", Shape: "mail", Sender: "post", Title: "Tee", Attempts: 8, MadeAt: "2026-03-01T10:00:00.000Z", EndedAt: "2026-03-01T12:00:00.000Z",
	}
	if f.resent {
		m.Resent = "0000000000000000000000000000000c"
	}
	return m, key == theMessage, f.broken
}

func (f *fake) Messages(w core.WorkspaceName, q MessageQuery) ([]MessageReport, error) {
	m, _, err := f.Message(w, theMessage)
	if q.At != core.IntentDropped || m.Resent != "" || q.Reason != "" && q.Reason != m.Reason {
		return nil, err
	}
	return []MessageReport{m}, err
}

func (f *fake) Resend(_ context.Context, _ core.WorkspaceName, keys []core.LedgerKey) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resent = true
	return len(keys), f.broken
}

// Try answers each case with its input.
func (f *fake) Try(_ context.Context, r TrialRequest) (t TrialReport, err error) {
	t.Plugin = core.HashOf(r.Module).String()
	for i, c := range r.Cases {
		result := TrialResult{Output: c.Input, Fuel: int64(i)}
		if len(c.Input) == 0 {
			result.Failed, result.Text = "trapped", "unreachable"
		}
		t.Results = append(t.Results, result)
	}
	return t, f.broken
}

func (f *fake) Plugins(context.Context, core.WorkspaceName) ([]PluginReport, error) {
	versions := []PluginVersionEntry{{Hash: core.Hash{1}.String(), Version: "1.1.0", Size: 100, Since: "2026-03-01T12:00:00.000Z"}}
	return []PluginReport{{Name: "gate", Kind: "condition", Versions: versions}}, f.broken
}

// Shadow knows of one contact, about whom versions differ.
func (f *fake) Shadow(_ context.Context, _ core.WorkspaceName, plugin core.Name, r ShadowRequest) (ShadowReport, bool, error) {
	yes, no := true, false
	d := ShadowDifference{Run: theRestock.String(), Address: "a…@example.com", Old: PluginAnswer{Pass: &yes, Fuel: 5}, New: PluginAnswer{Pass: &no, Fuel: 6}}
	return ShadowReport{Plugin: plugin, New: core.HashOf(r.Module).String(), Asked: r.Last, Differ: 1, Differences: []ShadowDifference{d}}, plugin == "gate", f.broken
}

// Replay knows of one run.
func (f *fake) Replay(_ context.Context, _ core.WorkspaceName, _ core.Name, run core.RunID, _ []byte) (ReplayReport, bool, error) {
	c := ReplayCase{Journey: "back", Shape: "gate", Now: 5, Reason: core.ReasonConditionYes, Input: []byte{0x90}}
	return ReplayReport{Contact: "c0", Cases: []ReplayCase{c}}, run == core.RunID(theRestock), f.broken
}

func (f *fake) Apply(_ context.Context, files []File) (ApplyReport, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken == nil {
		f.applied = append(f.applied, files)
	}
	return f.report, f.broken
}

func (f *fake) Audience(_ context.Context, w core.WorkspaceName, name core.Name, sample int) (AudienceReport, bool, error) {
	r := AudienceReport{Workspace: w, Name: name, Title: "Recent", Where: "Back in stock has occurred in the last 7 days", Zone: "Europe/Berlin",
		At: "2026-03-01T12:00:00.000Z", Count: 12_345}
	for range min(sample, 2) {
		r.Sample = append(r.Sample, AudienceContact{Contact: "c0ffee", Address: "a***@example.com"})
	}
	return r, name == "recent", f.broken
}

func (f *fake) Broadcasts(core.WorkspaceName) ([]BroadcastReport, error) {
	return []BroadcastReport{{Name: "sale", Title: "Sale", To: "recent", Channel: core.Email, Purpose: core.Marketing, Phase: core.BroadcastGoing,
		BegunAt: "2026-03-01T12:00:00.000Z", Made: 40, Sent: 30, Dropped: map[core.Reason]int64{core.ReasonOutOfStock: 2}}}, f.broken
}

func (f *fake) SetBroadcast(_ context.Context, w core.WorkspaceName, name core.Name, word core.BroadcastVerb) (r BroadcastReport, ok bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if word == core.TurnOn {
		return r, true, &core.InvalidError{Fields: []core.FieldError{{Field: "verb", Message: "the broadcast is going"}}}
	}
	f.set = append(f.set, fmt.Sprintf("%s %s %s", w, name, word))
	return BroadcastReport{Name: name, Phase: core.BroadcastGoing, Paused: true}, name == "sale", f.broken
}

func (f *fake) Templates(core.WorkspaceName) ([]TemplateReport, error) {
	return []TemplateReport{{Name: "back", Origin: "ready_made", Channels: []core.Channel{core.Email}, Locales: []string{"en", "de"}}}, f.broken
}

func (f *fake) Template(_ core.WorkspaceName, name core.Name) (TemplateSource, bool, error) {
	return TemplateSource{Name: name, Parts: []TemplateSourceLocale{{Channel: core.Email, Locale: "en", Own: true, Subject: "s"}}}, name == "back", f.broken
}

func (f *fake) Preview(_ context.Context, w core.WorkspaceName, q TemplateQuery) (Preview, error) {
	if q.Template == "nothing" {
		return Preview{}, &core.InvalidError{Fields: []core.FieldError{{Field: "template", Message: "there is no template nothing"}}}
	}
	return Preview{Channel: core.Email, Locale: q.Locale, Subject: string(w), HTML: "<script>alert(1)</script>", Text: "t"}, f.broken
}

func (f *fake) SendTest(ctx context.Context, w core.WorkspaceName, q TemplateQuery) (TestReport, error) {
	p, err := f.Preview(ctx, w, q)
	return TestReport{Outcome: core.OutcomeAccepted, Reason: core.ReasonAccepted, Preview: p}, err
}

func (f *fake) TryBroadcast(_ context.Context, _ core.WorkspaceName, name core.Name, sample int) (BroadcastTrial, bool, error) {
	r := BroadcastTrial{Name: name, At: "2026-03-01T12:00:00.000Z", Audience: 50, Messages: 40, Passed: map[core.Reason]int64{core.ReasonNoConsent: 10}}
	for range min(sample, 2) {
		r.Sample = append(r.Sample, AudienceContact{Contact: "c0ffee", Address: "a***@example.com"})
	}
	return r, name == "sale", f.broken
}

func (f *fake) Release(_ context.Context, w core.WorkspaceName, source core.SourceName, drop bool) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, fmt.Sprintf("%s %s drop=%t", w, source, drop))
	return source == "sample", f.broken
}

func (f *fake) LinkKeys(context.Context) ([]LinkKeyReport, error) {
	return []LinkKeyReport{{ID: 1, Seals: true}, {ID: 2, Made: "2026-03-01T12:00:00.000Z", SealsFrom: "2026-03-02T12:00:00.000Z"}}, f.broken
}

func (f *fake) RotateLinks(_ context.Context, drop bool) ([]LinkKeyReport, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, fmt.Sprintf("rotate drop=%t", drop))
	if !drop {
		var bad core.InvalidError
		bad.Add("links", "the last key was made less than a day ago")
		return nil, bad.OrNil()
	}
	return []LinkKeyReport{{ID: 3, Seals: true}}, f.broken
}

func (f *fake) ReadNow(_ context.Context, w core.WorkspaceName, source core.SourceName, all bool) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set = append(f.set, fmt.Sprintf("%s %s all=%t", w, source, all))
	return source == "sample", f.broken
}

// theJourney is journey back with all that can be said of one.
var theJourney = JourneyDetail{
	JourneyReport: JourneyReport{Name: "back", Title: "Back in stock", On: true, Occurs: core.BackInStock, Shapes: []string{"buffer (delay 10m)", "mail (email)"}},
	Version:       3, Definition: "ab12", Where: "SKU starts with TEE", Rules: []string{"A contact enters once.", "Who unsubscribes leaves."},
	Entered: 1250, Inside: 42, Ended: []EndingReport{{"completed", 1200}, {"exit_bought", 8}},
	Each: []ShapeReport{
		{Name: "buffer", Kind: core.ShapeDelay, Does: "for 10m", Paths: []PathReport{{To: "half"}}, Came: 1250, Standing: 40},
		{Name: "half", Kind: core.ShapeSplit, Does: "shares contacts out", Paths: []PathReport{{"75 %", "mail"}, {"25 %", core.Exit}}, Came: 1210},
		{Name: "mail", Kind: core.ShapeEmail, Does: "sends by post", Controls: []string{"1 per contact in 30d"}, Paths: []PathReport{{To: core.Exit}},
			Came: 900, Standing: 2, Paused: true},
	},
}

func (f *fake) Journey(_ core.WorkspaceName, name core.Name) (JourneyDetail, bool, error) {
	if f.broken != nil || name != theJourney.Name {
		return JourneyDetail{}, false, f.broken
	}
	return theJourney, true, nil
}

func (f *fake) Direct(_ context.Context, w core.WorkspaceName, name core.Name, shape string, word core.ShapeWord) (JourneyDetail, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil || name != theJourney.Name || !theJourney.Has(shape) {
		return JourneyDetail{}, false, f.broken
	}
	f.set = append(f.set, fmt.Sprintf("%s %s %s %s", w, name, shape, word))
	return theJourney, true, nil
}

func (f *fake) SetJourney(_ context.Context, w core.WorkspaceName, name core.Name, on bool) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if name != "back" {
		return false, f.broken
	}
	f.set = append(f.set, fmt.Sprintf("%s %s %t", w, name, on))
	return true, f.broken
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var errAway = errors.New("reading the journal: it is away")

// shop is a node with one workspace that has a bit of everything.
func shop() *fake {
	return &fake{
		reports: []WorkspaceReport{{
			Workspace: "default", Sequence: 1204, Behind: 0, Leader: 3,
			Sources: []SourceReport{{Name: "sample", Title: "Kelp & Cotton", Platform: core.Shopify, URL: "http://127.0.0.1:8080",
				Readings: []ReadingReport{
					{Kind: core.ReadingFull, Running: true, First: true, Read: 120, Total: 400, BegunAt: "2026-03-01T11:00:00.000Z"},
					{Kind: core.ReadingPoll, Read: 9, Total: 9, BegunAt: "2026-03-01T11:45:00.000Z", EndedAt: "2026-03-01T11:45:02.000Z", Corrected: CorrectionsReport{Levels: 2, Restocks: 1}},
				},
				Unread: &UnreadReport{Reason: "api_throttled", Detail: "it asks for fewer calls", At: "2026-03-01T11:50:00.000Z"}}},
			Journeys: []JourneyReport{
				{Name: "waiting", Title: "Waiting confirmation", Playbook: true, On: false, Occurs: core.WaitingOnStock, Shapes: []string{"mail (email)"}},
				{Name: "back", Title: "Back in stock notification", Playbook: true, On: true, Occurs: core.BackInStock, Shapes: []string{"gate (condition domain-gate)", "mail (email)"}},
			},
			Waitlists: []WaitlistReport{
				{Source: "sample", Variant: "1001", SKU: "TEE-BLK-M", Title: "Heavyweight Tee", Choice: "Black / M", Waiting: 1248, Phase: core.SoldOut,
					Alerts: []AlertReport{{Reached: 50, At: "2026-03-01T09:00:00.000Z", Message: core.IntentSent, Reason: core.ReasonAccepted}}},
				{Source: "sample", Variant: "1006", SKU: "TRS-OLV-34", Title: "Wide Twill Trouser", Choice: "Olive / 34", Waiting: 312, Phase: core.SoldOut},
				{Source: "sample", Product: "7002", Title: "Merino Crew", Waiting: 4, Units: 15, Phase: core.InStock},
			},
			Restocks: []RestockReport{
				{ID: "0a", Source: "sample", Variant: "1001", SKU: "TEE-BLK-M", Title: "Heavyweight Tee", Choice: "Black / M", OpenedAt: "2026-03-01T11:58:00.000Z", At: core.RestockOpen, Units: 5, Matched: 1248, Told: 1190,
					Orders: 119, Sold: 131, Revenue: []MoneyReport{{Minor: 12_000, Currency: "CHF"}, {Minor: 512_900, Currency: "EUR"}}, Conversion: 0.1},
				{ID: "0b", Source: "sample", Variant: "1007", SKU: "CAP-RST", Title: "Waxed Field Cap", OpenedAt: "2026-02-27T08:00:00.000Z", At: core.RestockClosed, Units: 40, Matched: 61, Told: 61},
			},
			Intents: map[string]int{"due": 44, "claimed": 2, "held": 12}, Works: 1,
		}},
		sent: []inbox.Sent{
			{
				Key: "0000000000000000000000000000000b", At: noon.Add(time.Minute), Channel: core.Email, To: "ada@example.com", From: "Kelp & Cotton <shop@example.com>",
				Subject: "It's back: Heavyweight Tee", Text: "It's back in stock.\n\nBuy it: http://127.0.0.1:8080/products/heavyweight-tee",
				HTML:    `<!doctype html><html><head><title>x</title></head><body><h1>It's back in stock</h1><p><a href="http://127.0.0.1:8080/">Buy now</a></p></body></html>`,
				Headers: map[string]string{"List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "List-Unsubscribe": "<http://127.0.0.1:8080/u/x>"},
			},
			{Key: "0000000000000000000000000000000a", At: noon, Channel: core.Email, To: "bob@example.com", From: "Kelp & Cotton <shop@example.com>", Subject: "You're on the list", Text: "We will tell you."},
		},
		wanted: DemandReport{
			Waiting: 1564, Lines: 3, Potential: []MoneyReport{{Minor: 5_200_000, Currency: "EUR"}},
			Ranking: []DemandLine{
				{Rank: 1, Source: "sample", Variant: "1001", SKU: "TEE-BLK-M", Title: "Heavyweight Tee", Choice: "Black / M", Waiting: 1248, Wanted: 1300, Oldest: "2026-02-01T10:00:00.000Z",
					Phase: core.SoldOut, Since: "2026-01-31T08:00:00.000Z", Price: &MoneyReport{4000, "EUR"}, Potential: &MoneyReport{5_200_000, "EUR"}},
				{Rank: 2, Source: "sample", Variant: "1006", Market: "DE", SKU: "TRS-OLV-34", Title: "Wide <Twill> Trouser", Choice: "Olive / 34", Waiting: 312, Wanted: 312, Oldest: "2026-02-20T10:00:00.000Z", Phase: core.SoldOut},
				{Rank: 3, Source: "sample", Product: "7002", Title: "Merino Crew", Waiting: 4, Wanted: 4, Oldest: "2026-02-27T10:00:00.000Z", Phase: core.InStock, Supply: core.SupplyBackorder, Since: "2026-02-28T10:00:00.000Z"},
			},
		},
		stories: map[string]WhyReport{"default ada@example.com ": adasStory(), "default ada@example.com 1001": adasStory()},
		report:  ApplyReport{Sources: []core.SourceName{"sample"}, Journeys: []core.Name{"back", "waiting"}},
	}
}

func adasStory() WhyReport {
	return WhyReport{Contact: "c0ffee00000000000000000000000000", Address: "a***@example.com", Entries: []WhyEntry{{
		Source: "sample", Variant: "1001", Title: "Heavyweight Tee, Black / M", Closed: "told", Repeats: 1,
		Lines: []WhyLine{
			{At: "2026-03-01T10:00:00.000Z", What: "asked", Reason: "waiting"},
			{At: "2026-03-01T10:00:00.000Z", What: "waiting_on_stock"},
			{At: "2026-03-01T11:58:00.000Z", What: "back_in_stock", ID: "0a"},
			{At: "2026-03-01T11:58:00.010Z", What: "journey step", Where: "back/gate", Reason: "condition_yes", Detail: "the domain is welcome"},
			{At: "2026-03-01T11:58:00.020Z", What: "message held", Where: "back/mail", Reason: "out_of_stock_at_send"},
			{At: "2026-03-01T11:59:00.000Z", What: "message sent", Where: "back/mail", Reason: "accepted", Detail: "0000000000000000000000000000000b"},
			{At: "2026-03-01T11:59:00.100Z", What: "left the line", Reason: "told"},
		},
	}}}
}
