package console

import (
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"restock/core"
)

// words are the functions by which templates turn facts into text.
func words() template.FuncMap {
	return template.FuncMap{
		"when": when, "stamp": stamp, "count": count, "plural": plural, "percent": percent[int], "percent64": percent[int64], "what": what, "plain": plain,
		"tone": tone, "closed": closedWords, "supply": supply, "phase": phase, "restock": restockWords, "intent": intentWords, "standing": standing, "gate": gateWords, "reading": ReadingReport.String, "occurs": occurs,
		"broadcast": broadcastWords, "broadcastTone": broadcastTone, "broadcastVerb": broadcastVerb, "sum": sum,
		"anchor": journeyAnchor, "place": func(n int) int { return n + 1 }, "amounts": Amounts, "share": Percent,
	}
}

// when writes a time for people. Times that a report holds as text are RFC 3339; anything else is shown as it is.
func when(v any) string {
	switch t := v.(type) {
	case time.Time:
		return t.UTC().Format("2 Jan 2006, 15:04:05 UTC")
	case string:
		if parsed, err := time.Parse(time.RFC3339Nano, t); err == nil {
			return when(parsed)
		}
		return t
	}
	return fmt.Sprint(v)
}

// stamp writes a time for the datetime attribute.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// count writes a whole number with its thousands apart: 12 345 678, with narrow spaces that do not break.
func count(v any) string {
	text := fmt.Sprint(v)
	digits, sign := strings.CutPrefix(text, "-")
	var b strings.Builder
	if sign {
		b.WriteByte('-')
	}
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteRune('\u202f')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// plural writes "1 contact", "2 contacts".
func plural(v any, one, more string) string {
	if fmt.Sprint(v) == "1" {
		return "1 " + one
	}
	return count(v) + " " + more
}

// percent is part of whole for an SVG's width, 0% to 100%.
func percent[N int | int64](part, whole N) string {
	if whole <= 0 {
		return "0%"
	}
	return fmt.Sprint(min(max(part*100/whole, 0), 100)) + "%"
}

// readable makes a name of ours text: "provider_refused" is "provider refused".
func readable(name string) string { return strings.ReplaceAll(name, "_", " ") }

// lookUp falls back to the name itself, readable: an older console must show what a newer core says.
func lookUp(table map[string]string, name string) string {
	if text, ok := table[name]; ok {
		return text
	}
	return readable(name)
}

// what names the kind of thing that happened: "asked", "back_in_stock", "journey step", "message sent" …
func what(kind string) string {
	if kind == "asked" {
		return "Asked to be told"
	}
	text := readable(kind)
	first, n := utf8.DecodeRuneInString(text)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[n:]
}

// occurs names the activity that lets contacts into a journey.
func occurs(k core.ActivityKind) string { return what(string(k)) }

// plain says a reason, also one of leaving the line, in plain words. The reason itself is shown beside it: it is what logs, metrics and API say.
func plain(reason string) string { return lookUp(reasonWords(), reason) }

// reasonWords are the reasons that end captures, webhooks, steps, intents and entries. A test reads core/reason.go and
// fails when one is missing here.
func reasonWords() map[string]string {
	return map[string]string{
		string(core.ReasonWaiting):       "Has a place in line.",
		string(core.ReasonPending):       "Waits for the owner of the address to confirm; the place in line is kept.",
		string(core.ReasonConfirmed):     "The owner of the address has confirmed it.",
		string(core.ReasonNotAsked):      "Is about nobody that is known.",
		string(core.ReasonTooMany):       "There was no room for another.",
		string(core.ReasonNotPending):    "Had been confirmed already.",
		string(core.ReasonNoConsent):     "The contact never agreed to messages of this purpose by this channel.",
		string(core.ReasonWithdrawn):     "The contact took back its consent to such messages.",
		string(core.ReasonNotConfirmed):  "Nobody has confirmed the address (double opt-in).",
		string(core.ReasonQuiet):         "Waits until the contact's quiet hours are over; then it passes all gates again.",
		string(core.ReasonFrequency):     "Would be one message too many for the contact.",
		string(core.ReasonAlreadySent):   "Was to be sent again, and the provider tells that the first one had arrived.",
		string(core.ReasonGateNo):        "A plugin that stands before messages said no.",
		string(core.ReasonResent):        "An operator had it sent again.",
		string(core.ReasonClicked):       "A link in the message was followed.",
		string(core.ReasonMerged):        "Stood in this line already; the place stays as it was.",
		string(core.ReasonAlreadyClosed): "Was asked before the entry was closed, so it changed nothing.",
		string(core.ReasonTrapped):       "Looked like a machine and was dropped.",
		string(core.ReasonErased):        "Was captured before its address was erased, or belonged to a contact that was erased.",
		string(core.ReasonUnknownSource): "Names a data source that is not connected.",
		string(core.ReasonUnreadable):    "Could not be read and was passed over.",
		string(core.ReasonGap):           "Came before something that is still missing, and was passed over.",

		string(core.ReasonBroadcastPaused):  "Held: the broadcast is paused.",
		string(core.ReasonBroadcastStopped): "The broadcast was stopped before this went out.",
		string(core.ReasonAlreadyTold):      "Was told about this restock already, or is about to be.",
		string(core.ReasonJoinedLater):      "Came after the broadcast had begun.",
		string(core.ReasonNotToRemind):      "Nothing to remind of: was not told, has bought, or asked anew.",
		string(core.ReasonNotLow):           "Was to say that few are left, and there are many again.",
		string(core.ReasonBegun):            "The wave began.",
		string(core.ReasonPaused):           "Waits until an operator resumes the restock.",
		string(core.ReasonStopped):          "An operator stopped the restock before the message went out; the place in line is kept.",
		string(core.ReasonRestockOver):      "The restock is over, or was stopped for good.",

		string(core.ReasonApplied):          "Was taken in.",
		string(core.ReasonDuplicate):        "Had come before, so it changed nothing.",
		string(core.ReasonBadPayload):       "Could not be understood.",
		string(core.ReasonOutdated):         "Was read before the source was changed, so it says nothing.",
		string(core.ReasonProductCorrected): "The shop tells this product otherwise than it was known.",
		string(core.ReasonVariantCorrected): "The shop tells this variant otherwise than it was known.",
		string(core.ReasonLevelCorrected):   "The shop has another quantity than its webhooks had told.",
		string(core.ReasonRemovalCorrected): "The shop does not have it any more, and no webhook had told.",
		string(core.ReasonRestockFound):     "A restock that no webhook had told.",
		string(core.ReasonHeld):             "Would bring back too many variants at once; waits for approval.",
		string(core.ReasonApproved):         "Approved by an operator.",
		string(core.ReasonDropped):          "Dropped by an operator.",
		string(core.ReasonUnhandledTopic):   "Is about something that Restock does not look at.",

		string(core.ReasonNotBought):   "The order is not placed yet, or was cancelled.",
		string(core.ReasonNobodyWaits): "The buyer waits for nothing that was bought.",

		string(core.ReasonAttributed): "Counts for the restock that the message told of.",
		string(core.ReasonAmended):    "Counts for another amount, or another restock, than before.",
		string(core.ReasonTakenBack):  "Was cancelled or refunded; what it had counted for was taken back.",
		string(core.ReasonUnsettled):  "Counts for nothing as long as nobody knows whether the provider took the message.",

		string(core.ReasonEntered):      "Entered the journey.",
		string(core.ReasonDelayed):      "Waits in a delay.",
		string(core.ReasonConditionYes): "The condition said yes.",
		string(core.ReasonConditionNo):  "The condition said no.",
		string(core.ReasonPluginFailed): "The plugin could not be asked.",
		string(core.ReasonIntended):     "A message was written down to be sent.",
		string(core.ReasonNoAddress):    "The contact has no address for this channel.",
		string(core.ReasonTooManySteps): "The journey went in circles and was ended.",
		string(core.ReasonShapeGone):    "The shape it stood at is no longer part of the journey.",
		string(core.ReasonJourneyOff):   "The journey is off, so nothing is sent.",
		string(core.ReasonDatePassed):   "Came after the date that the delay waits for, and went on at once.",
		string(core.ReasonFilterYes):    "The filter holds.",
		string(core.ReasonFilterNo):     "The filter does not hold.",
		string(core.ReasonFilterWaits):  "Waits for the filter to hold.",
		string(core.ReasonSplit):        "Took one of a split's paths.",
		string(core.ReasonActed):        "What is noted of the contact was changed.",
		string(core.ReasonContinued):    "The plugin let it go on.",
		string(core.ReasonPluginDelay):  "The plugin lets it wait.",
		string(core.ReasonBranched):     "The plugin chose a path.",
		string(core.ReasonPluginExit):   "The plugin ended the journey here.",
		string(core.ReasonExited):       "Came to an exit.",
		string(core.ReasonShapePaused):  "The shape is paused; stands there until it is resumed.",
		string(core.ReasonResumed):      "The shape was resumed.",
		string(core.ReasonMoved):        "An operator moved it past the shape.",
		string(core.ReasonLimited):      "The contact has passed this shape as often as it may.",
		string(core.ReasonTurn):         "Waits for its turn, since the shape lets only so many pass in a time.",
		string(core.ReasonNewVersion):   "Goes on with the journey as it was edited since.",
		string(core.ReasonInside):       "Was not let in: is inside already, and the journey takes a contact once at a time.",
		string(core.ReasonBefore):       "Was not let in: entered before.",
		string(core.ReasonEarly):        "Was not let in: has a head start, and the journey that gives it tells instead.",
		string(core.ReasonLeftBought):   "Left the journey: bought what it is about.",
		string(core.ReasonLeftUnsub):    "Left the journey: unsubscribed.",
		string(core.ReasonLeftSoldOut):  "Left the journey: it is sold out again.",
		string(core.ReasonLeftWhere):    "Left the journey: its exit filter holds.",
		string(core.ReasonLeftStood):    "Left the journey: stood at one shape for too long.",
		string(core.ReasonCompleted):    "Came to the end of the journey.",

		string(core.ReasonAccepted):     "The sender took the message.",
		string(core.ReasonOutOfStock):   "Sold out again before it was sent; the place in line stays.",
		string(core.ReasonSuppressed):   "This address must not be sent to.",
		string(core.ReasonUnsubscribed): "Unsubscribed by the link in a message, or by answering STOP.",
		string(core.ReasonExpired):      "Had waited too long to be told.",
		string(core.ReasonTemplate):     "The template could not be rendered.",
		string(core.ReasonSenderGone):   "The sender is not declared any more.",
		string(core.ReasonTemporary):    "The provider could not take it now; it is tried again.",
		string(core.ReasonRefused):      "The provider refused it for good.",
		string(core.ReasonUnanswered):   "The provider did not answer; nobody knows whether it was taken.",
		string(core.ReasonGivenUp):      "Was tried too often and given up.",
		string(core.ReasonNotWaiting):   "Left the line before the message was sent.",
		string(core.ReasonInterrupted):  "The leading node went away during the call.",

		string(core.ReasonBounced):    "The provider says that nobody is at this address; it is not sent to any more.",
		string(core.ReasonComplained): "Its owner called a message spam; it is not sent to any more.",
		string(core.ReasonGone):       "The browser's subscription has ended and was deleted.",

		string(core.ClosedTold):   "Was told; the place in line has done its work.",
		string(core.ClosedBought): "Bought it.",
	}
}

// tone is the colour of a reason: good, bad, held or "" for neither.
func tone(reason string) string {
	switch core.Reason(reason) {
	case core.ReasonAccepted, core.ReasonConditionYes, core.ReasonWaiting, core.ReasonCompleted,
		core.ReasonAttributed, core.ReasonAmended, core.Reason(core.ClosedTold), core.Reason(core.ClosedBought):
		return "good"
	case core.ReasonRefused, core.ReasonTemplate, core.ReasonSenderGone, core.ReasonGivenUp, core.ReasonPluginFailed,
		core.ReasonTooManySteps, core.ReasonUnreadable, core.ReasonBadPayload, core.ReasonBounced, core.ReasonComplained, core.ReasonGone:
		return "bad"
	case core.ReasonOutOfStock, core.ReasonSuppressed, core.ReasonUnsubscribed, core.ReasonTemporary, core.ReasonUnanswered, core.ReasonJourneyOff,
		core.ReasonConditionNo, core.ReasonDelayed, core.ReasonNoAddress, core.ReasonInterrupted, core.ReasonExpired,
		core.ReasonTakenBack, core.ReasonUnsettled, core.ReasonNotLow:
		return "held"
	}
	return ""
}

// closedWords says why an entry left the line.
func closedWords(reason string) string {
	return lookUp(map[string]string{
		string(core.ClosedTold):   "Was told",
		string(core.ClosedBought): "Bought it", string(core.ClosedExpired): "Waited too long",
	}, reason)
}

// phase says whether a variant can be bought.
func phase(p core.StockPhase) string {
	return lookUp(map[string]string{
		string(core.StockUnknown): "Stock not known", string(core.SoldOut): "Sold out", string(core.InStock): "In stock",
	}, string(p))
}

// supply says where what can be bought comes from, when it is not what was counted.
func supply(s core.Supply) string {
	return lookUp(map[string]string{
		string(core.SupplyCounted): "", string(core.SupplyUntracked): "not counted", string(core.SupplyContinue): "sold on when none is left",
		string(core.SupplyBackorder): "on backorder", string(core.SupplyPreorder): "on preorder", string(core.SupplyStopped): "not sold",
	}, string(s))
}

// restockWords says where a restock stands.
func restockWords(at core.RestockAt) string {
	return lookUp(map[string]string{
		string(core.RestockConfirming): "Confirming", string(core.RestockOpen): "Open",
		string(core.RestockPaused): "Paused, sold out again", string(core.RestockClosed): "Closed",
	}, string(at))
}

// broadcastWords says how far a broadcast is.
func broadcastWords(p core.BroadcastPhase) string {
	return lookUp(map[string]string{
		string(core.BroadcastOff): "Off", string(core.BroadcastPlanned): "Planned", string(core.BroadcastMissed): "Its time has passed: give it another",
		string(core.BroadcastGoing): "Going", string(core.BroadcastDone): "Done", string(core.BroadcastStopped): "Stopped for good",
	}, string(p))
}

// broadcastTone is the look of that.
func broadcastTone(p core.BroadcastPhase) string {
	switch p {
	case core.BroadcastGoing, core.BroadcastPlanned:
		return "open"
	case core.BroadcastMissed:
		return "paused"
	}
	return "closed"
}

// broadcastVerb says what a word does to a broadcast.
func broadcastVerb(v core.BroadcastVerb, p core.BroadcastPhase) string {
	switch {
	case v == core.TurnOff && p == core.BroadcastGoing:
		return "Stop for good"
	case v == core.TurnOn:
		return "Turn on"
	case v == core.TurnOff:
		return "Turn off"
	case v == core.PauseBroadcast:
		return "Pause"
	}
	return "Resume"
}

// sum adds what was counted by reason.
func sum(all map[core.Reason]int64) (n int64) {
	for _, of := range all {
		n += of
	}
	return n
}

// intentWords says where sends stand that have not ended, and what they wait for.
func intentWords(at string) string {
	return lookUp(map[string]string{
		string(core.IntentDue):     "Due: wait for their turn or their next attempt",
		string(core.IntentClaimed): "Claimed: being handed to a sender",
		string(core.IntentHeld):    "Held: until there is stock again, or an operator resumes the restock",
		string(core.IntentUnknown): "Unknown: nobody knows whether the provider took them",
	}, at)
}

// standing heads a list of messages that stand there.
func standing(at core.IntentAt) string {
	return lookUp(map[string]string{
		string(core.IntentDue):     "Due: wait for their turn",
		string(core.IntentHeld):    "Held: until what holds them is over",
		string(core.IntentUnknown): "Unknown: may have been sent",
		string(core.IntentDropped): "Dropped: did not go out",
	}, string(at))
}

// gateWords says what a gate stops. A test fails when one of notify.Gates is missing here.
func gateWords(name string) string {
	return lookUp(map[string]string{
		"journey_on":     "Journey is off",
		"broadcast":      "Broadcast is paused or stopped",
		"sender":         "Sender is gone",
		"address":        "No address",
		"consent":        "No consent",
		"double_opt_in":  "Address not confirmed",
		"suppression":    "Address must not be sent to",
		"already_sent":   "Arrived already",
		"still_wanted":   "Does not wait any more",
		"operator":       "Restock is paused or stopped",
		"still_in_stock": "Sold out again",
		"quiet_hours":    "Quiet hours",
		"frequency":      "Too many messages",
		"plugins":        "A plugin said no",
	}, name)
}
