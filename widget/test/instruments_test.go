package test

import (
	"testing"

	"github.com/chromedp/cdproto/page"
)

// TestInstruments spoils a page on purpose and expects each instrument to notice: a gate that cannot fail is none.
func TestInstruments(t *testing.T) {
	t.Parallel()
	tb := newTab(t, newShop(t, "html", newEdge(t, nil)))
	call(tb, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: shifts})
	tb.visit(visit{variant: blackM, strict: true}.url(tb.shop))
	tb.ready().showsCover()
	tb.openDialog()
	for what, deed := range map[string]struct{ spoil, noticed string }{
		"a policy": {"try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>') } catch {}", "probe.violations.length > 0"},
		"an error": {"setTimeout(() => { throw new Error('on purpose') })", "probe.errors.length > 0"},
		"a shift":  {"document.querySelector('main').style.paddingTop = '300px'", "shifted.sum > 0.01"},
	} {
		tb.run(deed.spoil)
		tb.until("/* " + what + " */ " + deed.noticed)
	}
	if found := tb.complaints(); len(found) != 0 {
		t.Errorf("axe-core complains before anything is wrong: %v", found)
	}
	tb.run(`const i = document.createElement('img'); i.src = '/tee.svg'; probe.$('form').prepend(i); probe.$('h2').style.color = 'color-mix(in srgb, currentColor 12%, transparent)'`)
	if n := len(tb.complaints()); n < 1 {
		t.Error("axe-core does not see a picture without words")
	}
	before := tb.counts()["Nodes"]
	tb.run("window.kept = []; for (let i = 0; i < 500; i++) kept.push(document.createElement('p'))")
	if after := tb.counts()["Nodes"]; after < before+400 {
		t.Errorf("500 nodes more are counted as %g → %g", before, after)
	}
}
