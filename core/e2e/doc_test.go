// Package e2e tells stories to the whole program: the built binary, its command line, its HTTP. Nothing here reaches
// into a node; what is checked is what a shopper, a shop and an operator see.
package e2e
