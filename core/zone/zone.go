// Package zone knows the time zones of the IANA database as of one version, which is part of the program.
//
// time.LoadLocation asks the host first, and the embedded database of time/tzdata only where the host has none: two core
// nodes could then disagree on when a day begins, and so about the state. This package never asks the host. The file beside
// it is the one of the Go distribution (lib/time/zoneinfo.zip, public domain), compressed; `go test ./core/zone -update`
// takes over that of the Go in use.
package zone

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"time"
)

// Version is the IANA database's.
const Version = "2025c"

//go:embed zoneinfo.zip
var data []byte

// Load returns the zone of an IANA name, such as Europe/Berlin; "" is UTC.
func Load(name string) (*time.Location, error) {
	if name == "" || name == "UTC" {
		return time.UTC, nil
	}
	raw, err := read(name)
	if err != nil {
		return nil, fmt.Errorf("loading zone %q: %w", name, err)
	}
	return time.LoadLocationFromTZData(name, raw)
}

func read(name string) ([]byte, error) {
	all, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	for _, f := range all.File {
		if f.Name != name {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
	return nil, fmt.Errorf("it is not in the time zone database %s; want a name such as Europe/Berlin", Version)
}
