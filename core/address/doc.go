// Package address brings e-mail addresses and phone numbers to their one normal form.
//
// Edge, import, sources and erasure all normalise here and nowhere else: a second normaliser would sooner or later
// spell an address differently, and then one person would be two contacts. Each normal form is its own normal form:
// Email(Email(x)) is Email(x), and likewise for Phone.
//
// Email is written by hand because it stands in the path of every capture: net/mail and regular expressions cost ten
// times as much and accept comments, display names and quoted local parts that no shopper means. Phone is what
// Google's libphonenumber metadata says; this package is the only one that may import that library and IDNA.
package address
