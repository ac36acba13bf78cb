// Package sdk holds what plugin authors compile against, one folder per language: files that are the same in every plugin, and
// templates (.tmpl) from which the kit makes those that depend on plugin.yaml.
package sdk

import (
	"embed"
	"io/fs"
)

//go:embed assemblyscript/*.ts assemblyscript/*.tmpl c/*.h c/*.tmpl go/call.go go/host_*.go go/msgpack.go go/sdk.go go/*.tmpl rust/*.rs rust/*.tmpl
var files embed.FS

// Files are those of the folder of a language: assemblyscript, c, go or rust.
func Files(folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic(err) // not a path; a mistake of the caller's
	}
	return sub
}
