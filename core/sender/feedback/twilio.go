package feedback

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"restock/core"
	"restock/core/address"
)

// keyParameter stands in the URL that Twilio was told to call (package twilio).
const keyParameter = "key"

// readTwilio reads what Twilio posts: a message's status (https://www.twilio.com/docs/messaging/guides/track-outbound-message-status)
// or a message that somebody sent us (https://www.twilio.com/docs/messaging/guides/webhook-request).
func readTwilio(p core.Posting) ([]core.Feedback, error) {
	form, err := url.ParseQuery(string(p.Body))
	if err != nil {
		return nil, fmt.Errorf("reading Twilio's form: %w", err)
	}
	status := form.Get("MessageStatus")
	if status == "" {
		status = form.Get("SmsStatus")
	}
	switch {
	case form.Get("MessageSid") == "" && form.Get("SmsSid") == "":
		return nil, fmt.Errorf("reading Twilio's form: it names no message")
	case status == "received" || status == "" && form.Has("Body"):
		return readReply(form)
	}
	query, err := url.ParseQuery(p.Query)
	if err != nil {
		return nil, fmt.Errorf("reading Twilio's form: the URL's query: %w", err)
	}
	kind := statusKind(status, form.Get("ErrorCode"))
	if kind == "" {
		return nil, ErrUnhandled
	}
	detail := status
	if code := form.Get("ErrorCode"); code != "" {
		detail += ", error " + code
	}
	return one(kind, keyOf(query.Get(keyParameter)), number(form.Get("To")), detail), nil
}

// statusKind is what a status means, with the error that explains it.
func statusKind(status, code string) core.FeedbackKind {
	switch status {
	case "accepted", "scheduled", "queued", "sending", "sent":
		return core.FeedbackTaken
	case "delivered", "read":
		return core.FeedbackDelivered
	case "failed", "undelivered", "canceled":
		return errorKind(code)
	}
	return ""
}

// errorKind is what an error means (https://www.twilio.com/docs/api/errors): that the recipient has stopped it, that nobody has the
// number or it takes no SMS, or anything that may pass.
func errorKind(code string) core.FeedbackKind {
	switch code {
	case "21610":
		return core.FeedbackStopped
	case "21211", "21614", "30005", "30006":
		return core.FeedbackBounced
	}
	return core.FeedbackFailed
}

// number is an address, if it is one that SMS go to ("whatsapp:+49…" is another channel's).
func number(text string) core.Address {
	e164, _, err := address.Phone(text, "")
	if err != nil || !strings.HasPrefix(text, "+") {
		return core.Address{}
	}
	return core.Address{Channel: core.SMS, Value: e164}
}

// readReply reads what somebody answered. With Advanced Opt-Out Twilio says what it took it for; else the words say.
func readReply(form url.Values) ([]core.Feedback, error) {
	from := number(form.Get("From"))
	if from.Value == "" {
		return nil, ErrUnhandled
	}
	kind := map[string]core.FeedbackKind{"STOP": core.FeedbackStopped, "START": core.FeedbackStarted, "HELP": core.FeedbackHelp}[form.Get("OptOutType")]
	if kind == "" {
		kind = Word(form.Get("Body"))
	}
	if kind == "" {
		return nil, ErrUnhandled
	}
	return one(kind, core.LedgerKey{}, from, ""), nil
}

// The words that stop, start and ask for help, as the large providers know them: Twilio, Amazon, Telnyx, Braze. They are
// compared without spaces and marks, so that "Stop!", "opt-out" and "STOP ALL" are among them. Of these stopping alone is
// also taken from who says more ("Stop texting me"): to be wrong there costs a message.
const (
	stopWords  = " STOP STOPALL UNSUBSCRIBE END QUIT CANCEL REVOKE OPTOUT REMOVE ARRET TD "
	stopFirst  = " STOP UNSUBSCRIBE "
	startWords = " START UNSTOP YES OPTIN "
	helpWords  = " HELP INFO AIDE "
)

// maxWord is the longest reply that may be one of the words, in bytes; of a longer one only the first word is looked at.
const maxWord = 64

// Word is what a reply asks for: stopped, started or help; "" for anything else.
func Word(reply string) core.FeedbackKind {
	switch word := letters(reply[:min(len(reply), maxWord+1)]); {
	case among(firstLetters(reply), stopFirst):
		return core.FeedbackStopped
	case len(reply) > maxWord:
		return ""
	case among(word, stopWords):
		return core.FeedbackStopped
	case among(word, startWords):
		return core.FeedbackStarted
	case among(word, helpWords):
		return core.FeedbackHelp
	}
	return ""
}

// firstLetters are those before the first mark or space within a reply, as letters has them.
func firstLetters(reply string) string {
	mark := func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	reply = strings.TrimLeftFunc(reply, mark)
	if end := strings.IndexFunc(reply, mark); end >= 0 {
		reply = reply[:end]
	}
	return letters(reply[:min(len(reply), maxWord)])
}

func among(word, words string) bool { return word != "" && strings.Contains(words, " "+word+" ") }

// letters are those of a text and its digits, in capitals and without accents (ARRÊT).
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'Ê' || r == 'ê':
			return 'E'
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToUpper(r)
		}
		return -1
	}, text)
}
