// Package template renders e-mails from Liquid templates.
//
// A core.Template goes through three steps. Its parts are scanned: what a merchant could have mistyped (a variable, a
// filter, a tag, a bracket) is found there and told with its line, and every {{ … }} of the HTML part is rewritten to
// end in an escaping filter, because the Liquid library (github.com/osteele/liquid v1.6.0) escapes nothing itself. The
// rewritten source is compiled once per template hash. Rendering binds a Data to it, under limits on output and work,
// puts an HTML fragment into the standard layout and derives a text part when the template has none.
//
// A template is written by whoever may edit a workspace, and the product data in it by whoever may edit the shop:
// neither may take the process down, read a file, or put script or a foreign scheme into a mail. So the library's
// include tag is not reachable, a loop's work and a value's size are bounded, links are http or https or absent, and a
// panic of the library ends that one rendering with an error.
package template
