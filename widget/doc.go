// Package widget holds the storefront's widget as it is served: a loader that finds out whether what a shopper looks at
// is sold out, a form that is loaded only then, in the page's language, and a worker that shows Web Push messages.
//
// src is TypeScript; `make widget` (widget/build) bundles it to dist, which is committed and embedded, so that a checkout
// builds by Go alone. A test holds dist against a fresh bundle, byte for byte.
//
// The edge serves, all from the origin that the script's own URL names:
//
//	/widget.js                  Loader(nil): the page configures it by attributes of the tag
//	/widget/{source}.js         Loader(config): configuration inlined
//	/widget/{version}/{name}    Files: immutable, with Access-Control-Allow-Origin: *
package widget
