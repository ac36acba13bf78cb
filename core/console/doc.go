// Package console is the operators' door to a core node: pages for people, an API for programs.
//
// It decides nothing. It asks its Backend, shows the answer, and hands over what an operator wants changed. Every request
// takes the same way: guard (panics, security headers, forged origins) → route → access (bearer token or signed-in
// session) → handler. A handler returns an error, and one place turns errors into problem documents (RFC 9457) or, for
// pages, into a page.
//
// What comes from contacts, shops and plugins is hostile until it is shown: pages are html/template, and an e-mail's HTML
// is served to a sandboxed frame under a policy of its own that lets no script run.
package console
