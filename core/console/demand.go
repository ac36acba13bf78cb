package console

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"restock/core"
)

// Bounds of a ranking.
const (
	MaxDemand   = 1000 // lines that it lists at most
	usualDemand = 50   // when nobody says how many
)

// DemandQuery is what is ranked.
type DemandQuery struct {
	Source core.SourceName // "": all
	Market core.Market     // one of the source's; "": all, and who waits in none of them
	Limit  int             // 1 to MaxDemand
}

// DemandReport is what most people wait for.
type DemandReport struct {
	Workspace core.WorkspaceName `json:"workspace"`
	Waiting   int64              `json:"waiting"`   // in all lines that were asked for, listed or not
	Lines     int                `json:"lines"`     // in which somebody waits, listed or not
	Potential []MoneyReport      `json:"potential"` // of those listed, by currency
	Ranking   []DemandLine       `json:"ranking"`   // most waiting first; where as many wait, by source, variant or product, and market
}

// DemandLine is a line in which people wait, and what they want.
type DemandLine struct {
	Rank    int             `json:"rank"` // from 1 on
	Source  core.SourceName `json:"source"`
	Variant core.VariantID  `json:"variant,omitempty"`
	Product core.ProductID  `json:"product,omitempty"` // "any variant"
	Market  core.Market     `json:"market,omitempty"`
	SKU     string          `json:"sku,omitempty"`
	Title   string          `json:"title"`
	Choice  string          `json:"choice,omitempty"`
	Waiting int64           `json:"waiting"`
	Wanted  int64           `json:"wanted"` // units: as many as each said, one where nothing was said
	Oldest  string          `json:"oldest"` // RFC 3339: since when the first in line waits
	Phase   core.StockPhase `json:"stock"`  // of any variant: in stock when one of them is
	Supply  core.Supply     `json:"supply,omitempty"`
	Since   string          `json:"since,omitempty"` // RFC 3339: when that stock phase began

	Price     *MoneyReport `json:"price,omitempty"`     // of one; of any variant: the least
	Potential *MoneyReport `json:"potential,omitempty"` // price × wanted
}

// MoneyReport is an amount in the minor unit of its currency.
type MoneyReport struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"` // ISO 4217
}

// NewMoneyReport reports an amount.
func NewMoneyReport(m core.Money) MoneyReport { return MoneyReport{m.Minor, m.Currency} }

// String writes it as people do: "19.90 EUR".
func (m MoneyReport) String() string {
	return core.Money{Minor: m.Minor, Currency: m.Currency}.String()
}

// NewMoneyReports reports amounts.
func NewMoneyReports(all []core.Money) []MoneyReport {
	reports := make([]MoneyReport, 0, len(all))
	for _, m := range all {
		reports = append(reports, NewMoneyReport(m))
	}
	return reports
}

// AlertReport is a number of which a line's merchant was told.
type AlertReport struct {
	Reached int64         `json:"reached"`
	At      string        `json:"at"`               // RFC 3339: when it was reached
	Message core.IntentAt `json:"message"`          // where the message stands
	Reason  core.Reason   `json:"reason,omitempty"` // why it stands or ended there
}

// Amounts writes several amounts in one line; "" for none.
func Amounts(all []MoneyReport) string {
	texts := make([]string, 0, len(all))
	for _, m := range all {
		texts = append(texts, m.String())
	}
	return strings.Join(texts, ", ")
}

// Percent writes a share for people: "12.5%".
func Percent(share float64) string {
	return strconv.FormatFloat(share*100, 'f', 1, 64) + "%"
}

// readDemand reads the query of page and API alike.
func readDemand(r *http.Request) (q DemandQuery, err error) {
	v := r.URL.Query()
	q = DemandQuery{Source: core.SourceName(v.Get("source")), Market: core.Market(v.Get("market")), Limit: usualDemand}
	if text := v.Get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > MaxDemand {
			return q, wrongField("limit", "want a whole number from 1 to %d", MaxDemand)
		}
	}
	return q, nil
}

// apiDemand answers with what most people wait for.
func (s *server) apiDemand(w http.ResponseWriter, r *http.Request) error {
	q, err := readDemand(r)
	if err != nil {
		return err
	}
	report, err := s.backend.Demand(workspaceOf(r), q)
	if err != nil {
		return fmt.Errorf("ranking demand: %w", err)
	}
	report.Ranking, report.Potential = list(report.Ranking), list(report.Potential)
	return writeJSON(w, report)
}

// demandPage shows what most people wait for.
type demandPage struct {
	frame
	Workspace  core.WorkspaceName
	Workspaces []core.WorkspaceName // to choose from; nil when there is no choice
	Sources    []SourceReport       // of the workspace
	Asked      DemandQuery
	Report     DemandReport
	Most       int64  // who wait in the longest line
	Wrong      string // what is wrong with the question
}

func (s *server) demand(w http.ResponseWriter, r *http.Request) error {
	page := demandPage{frame: s.frame(r, "Demand", "demand"), Workspace: workspaceOf(r)}
	if err := s.choices(&page); err != nil {
		return err
	}
	code := http.StatusOK
	q, err := readDemand(r)
	page.Asked = q
	if err == nil {
		page.Report, err = s.backend.Demand(page.Workspace, q)
	}
	switch faults, wrong := faultsOf(err); {
	case wrong:
		page.Wrong, code = sentence(faults), http.StatusUnprocessableEntity
	case err != nil:
		return fmt.Errorf("ranking demand: %w", err)
	}
	if len(page.Report.Ranking) > 0 {
		page.Most = page.Report.Ranking[0].Waiting
	}
	return s.render(w, code, "demand.html", page)
}

// choices fills in what the page offers to ask for.
func (s *server) choices(page *demandPage) error {
	reports, err := s.backend.Status()
	if err != nil {
		return fmt.Errorf("reading workspaces: %w", err)
	}
	for _, r := range reports {
		if len(reports) > 1 {
			page.Workspaces = append(page.Workspaces, r.Workspace)
		}
		if r.Workspace == page.Workspace {
			page.Sources = r.Sources
		}
	}
	return nil
}
