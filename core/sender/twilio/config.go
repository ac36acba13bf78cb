package twilio

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"restock/core"
	"restock/core/address"
)

// API is where Twilio answers, unless the setting url says otherwise (its regions: https://api.dublin.ie1.twilio.com).
const API = "https://api.twilio.com"

// Bounds of ValidityPeriod (https://www.twilio.com/docs/api/errors/90007), and what it is unless set. A restock that is told
// hours late is told of what is sold out again.
const (
	MaxValidity     = 10 * time.Hour
	MinValidity     = time.Minute
	DefaultValidity = time.Hour
)

// Names of the settings and of the secret.
const (
	settingAccount   = "account"   // AC and 32 hexadecimal digits
	settingService   = "service"   // of messaging: MG and 32 hexadecimal digits; either this or From
	settingCountries = "countries" // that are sent to: ISO 3166 alpha-2, separated by commas
	settingValidity  = "validity"  // seconds
	settingURL       = "url"
	secretToken      = "token"
)

// config is what a sender of the kind twilio is configured with.
type config struct {
	account   string
	token     string
	from      string // E.164, a short code, or a name of at most 11 characters; "" with a service
	service   string
	countries []string
	validity  time.Duration
	api       *url.URL
	callback  string // where Twilio tells what becomes of messages; "": it is not asked to
}

// Forms of Twilio's ids, and of who may send beside numbers: short codes, and names where a country allows them.
var (
	accountForm = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	serviceForm = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	shortForm   = regexp.MustCompile(`^[0-9]{3,8}$`)
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9+&_ -]{1,11}$`)
	hasLetter   = regexp.MustCompile(`[A-Za-z]`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
)

// readConfig checks a definition. The error is a *core.InvalidError whose fields are paths within the definition.
func readConfig(def core.Sender, token, callback string) (config, error) {
	var bad core.InvalidError
	checkNames(&bad, def)
	c := config{account: def.Settings[settingAccount], token: token, service: def.Settings[settingService], callback: callback}
	if !accountForm.MatchString(c.account) {
		bad.Add("settings.account", "want the account's SID: AC and 32 hexadecimal digits")
	}
	if token == "" {
		bad.Add("secrets.token", "is needed: the account's auth token, which signs what Twilio tells us as well; write env:NAME or file:PATH")
	}
	c.readOrigin(&bad, def.From)
	c.readCountries(&bad, def.Settings[settingCountries])
	c.readValidity(&bad, def.Settings[settingValidity])
	c.readAPI(&bad, def.Settings[settingURL])
	return c, bad.OrNil()
}

// checkNames refuses what nobody would read: a misspelt setting would be silently without effect.
func checkNames(bad *core.InvalidError, def core.Sender) {
	known := []string{settingAccount, settingService, settingCountries, settingValidity, settingURL}
	for name := range def.Settings {
		if !slices.Contains(known, name) {
			bad.Add("settings."+name, "there is no such setting; there are %s", strings.Join(known, ", "))
		}
	}
	for name := range def.Secrets {
		if name != secretToken {
			bad.Add("secrets."+name, "there is no such secret; there is token")
		}
	}
}

// readOrigin reads who sends: a number, short code or name, or a messaging service, which has its own.
func (c *config) readOrigin(bad *core.InvalidError, from string) {
	switch {
	case (from == "") == (c.service == ""):
		bad.Add("from", "want either whom the messages come from (a number like +15005550006, a short code or a name) or settings.service")
	case c.service != "" && !serviceForm.MatchString(c.service):
		bad.Add("settings.service", "want the messaging service's SID: MG and 32 hexadecimal digits")
	case from == "":
	case strings.HasPrefix(from, "+"):
		number, _, err := address.Phone(from, "")
		if err != nil {
			bad.Add("from", "%s", err)
		}
		c.from = number
	case shortForm.MatchString(from) || nameForm.MatchString(from) && hasLetter.MatchString(from):
		c.from = from
	default:
		bad.Add("from", "want a number like +15005550006, a short code, or a name of at most 11 letters and digits")
	}
}

// readCountries reads the list without which nothing is sent: who asks for a thousand alerts to numbers of a far country is
// paid by those who carry them there.
func (c *config) readCountries(bad *core.InvalidError, list string) {
	for _, country := range strings.Split(list, ",") {
		if country = strings.TrimSpace(country); !countryForm.MatchString(country) {
			bad.Add("settings.countries", "want the countries that are sent to, such as DE,AT")
			return
		}
		c.countries = append(c.countries, country)
	}
}

func (c *config) readValidity(bad *core.InvalidError, seconds string) {
	c.validity = DefaultValidity
	if seconds == "" {
		return
	}
	n, err := strconv.Atoi(seconds)
	c.validity = time.Duration(n) * time.Second
	if err != nil || c.validity < MinValidity || c.validity > MaxValidity {
		bad.Add("settings.validity", "want %d to %d seconds", int(MinValidity.Seconds()), int(MaxValidity.Seconds()))
	}
}

func (c *config) readAPI(bad *core.InvalidError, text string) {
	if text == "" {
		text = API
	}
	u, err := url.Parse(text)
	local := err == nil && u.Scheme == "http" && core.Loopback(u.Hostname())
	if err != nil || u.Scheme != "https" && !local || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		bad.Add("settings.url", "want where Twilio's API answers, such as %s", API)
		return
	}
	c.api = u
}

// allows says whether a number may be sent to, by its country.
func (c config) allows(number string) (country string, ok bool) {
	_, country, err := address.Phone(number, "")
	return country, err == nil && slices.Contains(c.countries, country)
}
