// Package address brings e-mail addresses and phone numbers to their one normal form.
//
// Edge, import, sources and erasure all normalise here and nowhere else: a second normaliser would sooner or later
// spell an address differently, and then one person would be two contacts. Each normal form is its own normal form:
// Email(Email(x)) is Email(x), and likewise for Phone.
//
// Email is written by hand because it stands in the path of every capture: net/mail and regular expressions cost ten
// times as much and accept comments, display names and quoted local parts that no shopper means. Phone is what
// Google's libphonenumber metadata says; this package is the only one that may import that library and IDNA.
//
// A phone number goes this way: scanPhone takes the digits, dialled finds the numbering plan and cuts off the trunk
// prefix, the plan's rules judge what is left. Rules are deterministic automata, made from the regular expressions of
// the library's metadata at the first number of each country calling code (1 to 6 ms, 22 bytes for each of its up to
// 730 states) and read-only from then on. What they do not decide (other than ASCII, too few digits, codes of no
// country, local numbers that the library would complete) is askLibrary's, which is also what they are tested against.
package address
