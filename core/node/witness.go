package node

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"restock/core"
	"restock/core/hook"
)

// witness counts and tells how plugins fare (hook.Witness), and keeps one input on which each failed, to replay.
type witness struct {
	metrics *metrics
	log     *slog.Logger
	dir     string // of samples
}

// Failed counts.
func (w *witness) Failed(m hook.Manifest, err error) {
	w.metrics.plugins.WithLabelValues(m.Name, string(failed(err).Failed)).Inc()
}

// Opened says that contacts now get what on_failure says, and why.
func (w *witness) Opened(m hook.Manifest, failures int, until core.Time, last hook.Sample) {
	w.metrics.open.WithLabelValues(m.Name).Set(1)
	file, err := w.keep(m, last)
	if err != nil {
		w.log.Warn("keeping the input on which a plugin failed", "plugin", m.Name, "error", err)
	}
	w.log.Error("a plugin failed too often in a row and is not asked for a while; on_failure decides about its contacts",
		"plugin", m.Name, "version", m.Version, "failures", failures, "until", until.Go(), "reason", failed(last.Err).Failed, "error", last.Err, "sample", file)
}

// Closed says that the plugin works again.
func (w *witness) Closed(m hook.Manifest) {
	w.metrics.open.WithLabelValues(m.Name).Set(0)
	w.log.Info("a plugin that had failed too often works again", "plugin", m.Name, "version", m.Version)
}

// sample is what the file of one plugin holds, in JSON. Its input may say something of a contact: the file is for the
// operator's eyes, there is never more than the last one, and it goes when any contact is erased.
type sample struct {
	Plugin  string
	Version string
	Export  string
	Input   []byte    // msgpack, as the plugin got it
	Now     core.Time // what its clock showed
	Seed    string    // of its chance, in hexadecimal digits
	Reason  core.Reason
	Text    string
}

func (w *witness) keep(m hook.Manifest, s hook.Sample) (file string, err error) {
	v := failed(s.Err)
	b, err := json.MarshalIndent(sample{m.Name, m.Version, s.Export, s.Input, s.Now, hex.EncodeToString(s.Seed[:]), v.Failed, v.Reason}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("encoding a sample: %w", err)
	}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return "", fmt.Errorf("keeping a sample: %w", err)
	}
	file = filepath.Join(w.dir, m.Name+".json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return "", fmt.Errorf("keeping a sample: %w", err)
	}
	return file, nil
}

// forgetSamples removes the samples that were kept until a moment: whose they are does not stand in them.
func forgetSamples(dir string, until core.Time) error {
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, file := range files {
		info, gone := file.Info()
		if gone == nil && core.TimeOf(info.ModTime()) <= until {
			err = errors.Join(err, os.Remove(filepath.Join(dir, file.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("removing samples: %w", err)
	}
	return nil
}
