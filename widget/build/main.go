// Command build bundles widget/src to widget/dist. Run it from the module's root, by `make widget`; it prints what each
// file weighs and the hash that pins it.
package main

import (
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"restock/widget/bundle"
)

func main() {
	folder := flag.String("widget", "widget", "the folder that holds src and dist")
	flag.Parse()
	if err := build(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "building the widget:", err)
		os.Exit(1)
	}
}

// build writes every bundle of folder/src to folder/dist and removes what is there and no longer built.
func build(folder string) error {
	files, err := bundle.Build(filepath.Join(folder, "src"))
	if err != nil {
		return err
	}
	dist := filepath.Join(folder, "dist")
	if err := errors.Join(os.MkdirAll(dist, 0o755), removeOthers(dist, files)); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(filepath.Join(dist, name), files[name], 0o644); err != nil {
			return fmt.Errorf("writing a bundle: %w", err)
		}
		sum := sha512.Sum384(files[name])
		fmt.Printf("%-18s %6d B  sha384-%s\n", name, len(files[name]), base64.StdEncoding.EncodeToString(sum[:]))
	}
	return nil
}

func removeOthers(dist string, files map[string][]byte) error {
	entries, err := os.ReadDir(dist)
	if err != nil {
		return fmt.Errorf("reading dist: %w", err)
	}
	for _, e := range entries {
		if _, built := files[e.Name()]; !built {
			err = errors.Join(err, os.Remove(filepath.Join(dist, e.Name())))
		}
	}
	return err
}
