// Package sdk holds what plugin authors compile against, one folder per language, for the kit to hand to compilers.
package sdk

import _ "embed"

//go:embed c/restock.h
var restockH []byte

// RestockH is the header of the C SDK, a copy: the content of c/restock.h.
func RestockH() []byte { return append([]byte(nil), restockH...) }
