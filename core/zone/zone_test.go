package zone_test

import (
	"archive/zip"
	"compress/flate"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"restock/core/zone"
)

var update = flag.Bool("update", false, "take over the time zone database of the Go in use")

func TestMain(m *testing.M) {
	flag.Parse()
	if *update {
		if err := takeOver(); err != nil {
			panic(err)
		}
		os.Exit(0) // the file is embedded in the next build
	}
	os.Exit(m.Run())
}

// takeOver compresses Go's own file.
func takeOver() error {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	from, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		return err
	}
	file, err := os.Create("zoneinfo.zip")
	if err != nil {
		return err
	}
	to := zip.NewWriter(file)
	to.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, f := range from.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if err := copyFile(to, f); err != nil {
			return err
		}
	}
	if err := to.Close(); err != nil {
		return err
	}
	return file.Close()
}

func copyFile(to *zip.Writer, f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	w, err := to.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

func TestLoad(t *testing.T) {
	at := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for name, want := range map[string]int{"": 0, "UTC": 0, "Europe/Berlin": 7200, "America/New_York": -4 * 3600, "Asia/Kathmandu": 20700, "Pacific/Kiritimati": 14 * 3600} {
		z, err := zone.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, offset := at.In(z).Zone(); offset != want {
			t.Errorf("%q is %d s ahead of UTC in July 2026, want %d", name, offset, want)
		}
	}
	for _, name := range []string{"Local", "Berlin", "../etc/passwd", "europe/berlin", "Europe/"} {
		if _, err := zone.Load(name); err == nil || !strings.Contains(err.Error(), "Europe/Berlin") {
			t.Errorf("%q gave %v", name, err)
		}
	}
}

// TestTheHostIsNotAsked: whatever lies where the host keeps its zones.
func TestTheHostIsNotAsked(t *testing.T) {
	t.Setenv("ZONEINFO", t.TempDir())
	z, err := zone.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	if _, offset := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).In(z).Zone(); offset != 3600 {
		t.Errorf("Berlin is %d s ahead in winter", offset)
	}
}
