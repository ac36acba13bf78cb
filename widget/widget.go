package widget

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed dist
var dist embed.FS

// File is one immutable file, served as /widget/{Version}/{Name}.
type File struct {
	Name        string // without slashes
	ContentType string
	Body        []byte // shared: never to be changed
}

// bundle is dist as it was embedded. Loaders are no files of their own: Loader adds the configuration to them.
type bundle struct {
	version string
	loaders map[string][]byte // by platform; "" is every platform's
	files   []File            // by name
}

// bundled is read once: what is embedded never changes.
var bundled = readBundle()

func readBundle() bundle {
	b := bundle{loaders: map[string][]byte{}}
	hash := sha256.New()
	entries, err := fs.ReadDir(dist, "dist") // sorted by name
	if err != nil {
		panic("reading the embedded widget: " + err.Error()) // the embedding is broken: nothing to go on with
	}
	for _, e := range entries {
		body, err := fs.ReadFile(dist, path.Join("dist", e.Name()))
		if err != nil {
			panic("reading the embedded widget: " + err.Error())
		}
		hash.Write([]byte(e.Name() + "\n"))
		hash.Write(body)
		if platform, ok := strings.CutPrefix(strings.TrimSuffix(e.Name(), ".js"), "loader"); ok {
			b.loaders[strings.TrimPrefix(platform, ".")] = bytes.TrimSpace(body)
			continue
		}
		b.files = append(b.files, File{e.Name(), contentType(e.Name()), body})
	}
	b.version = hex.EncodeToString(hash.Sum(nil))[:16]
	return b
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".ts":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// Version identifies everything that is embedded: the first 16 hex characters of a SHA-256 over all of it.
func Version() string { return bundled.version }

// Files returns everything that is served under the version, by name: the form in each language (form.en.js), the pinned
// single-file builds (restock.en.js), what only some forms need (more.en.js) and the worker for Web Push (worker.js).
func Files() []File { return slices.Clone(bundled.files) }

// Integrity is what a page writes into the integrity attribute to pin a file, "sha384-…" (W3C Subresource Integrity);
// "" when there is no file of that name.
func Integrity(name string) string {
	for _, f := range bundled.files {
		if f.Name == name {
			sum := sha512.Sum384(f.Body)
			return "sha384-" + base64.StdEncoding.EncodeToString(sum[:])
		}
	}
	return ""
}
