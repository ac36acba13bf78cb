package address

// Error says what is wrong with an address, in words that may be shown to the shopper who typed it.
// It never contains the address itself, so that it may be logged.
type Error struct {
	Message string // one of the Reason constants
	Suggest string // what was probably meant, in normal form; "" when there is no good guess
}

func (e *Error) Error() string { return e.Message }

// Why an e-mail address is refused.
const (
	ReasonEmailEmpty      = "an e-mail address is needed, such as name@example.com"
	ReasonEmailTooLong    = "an e-mail address has at most 254 characters"
	ReasonEmailNoAt       = "an e-mail address needs an @, such as name@example.com"
	ReasonEmailManyAts    = "an e-mail address has only one @"
	ReasonEmailSpace      = "an e-mail address has no spaces"
	ReasonLocalEmpty      = "an e-mail address needs a name before the @"
	ReasonLocalTooLong    = "the part before the @ has at most 64 characters"
	ReasonLocalQuoted     = "quotation marks before the @ are not supported"
	ReasonLocalDots       = "the part before the @ has no dot at its start or end and no two dots in a row"
	ReasonLocalCharacter  = "the part before the @ has a character that e-mail addresses do not have"
	ReasonDomainMissing   = "an e-mail address needs a domain such as example.com"
	ReasonDomainLiteral   = "an e-mail address needs a domain such as example.com, not a number"
	ReasonDomainDots      = "the domain has no dot at its start or end and no two dots in a row"
	ReasonDomainHyphen    = "no part of the domain starts or ends with a hyphen"
	ReasonDomainLabel     = "each part of the domain has at most 63 characters"
	ReasonDomainCharacter = "the domain has a character that domains do not have"
	ReasonDomainIDN       = "the domain is not a valid international domain"
)

// Why a phone number is refused.
const (
	ReasonPhoneEmpty     = "a phone number is needed"
	ReasonPhoneTooLong   = "a phone number has at most 40 characters"
	ReasonPhoneCharacter = "a phone number has only digits, spaces and + ( ) - . /"
	ReasonPhoneCountry   = "start the phone number with + and the country code, such as +1 or +49"
	ReasonPhoneInvalid   = "this is not a valid phone number in its country"
	ReasonPhoneShort     = "this is a short number; a full phone number is needed"
	ReasonPhonePremium   = "premium-rate numbers cannot be messaged"
)
