package wasm

import (
	"strings"
	"testing"
)

// TestLogsAreCutOnlyByTheirLimit: text that is no UTF-8 shrinks when it is mended, which must not silence what follows.
func TestLogsAreCutOnlyByTheirLimit(t *testing.T) {
	broken := "abc" + strings.Repeat("\xff", 9)
	mended := "abc\uFFFD"
	for _, tt := range []struct {
		name  string
		texts []string
		want  []string
		cut   bool
	}{
		{"nothing is cut", []string{broken, "next"}, []string{mended, "next"}, false},
		{"no room", []string{strings.Repeat("x", 62), broken, "next"}, []string{strings.Repeat("x", 62), "ab"}, true},
		{"no room for a rune", []string{strings.Repeat("x", 60), broken, "next"}, []string{strings.Repeat("x", 60), "abc"}, true},
		{"longer than the limit", []string{strings.Repeat("\xff", 65), "next"}, []string{"\uFFFD"}, true},
		{"empty", []string{"", "next"}, []string{"", "next"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, write := range []func(*machine, []byte){
				func(w *machine, text []byte) { w.log(LevelInfo, text) },
				func(w *machine, text []byte) { w.errorOutput(text) },
			} {
				w := &machine{guest: &Guest{module: &Module{host: &Host{config: Config{LogLimit: 64}}}}}
				for _, text := range tt.texts {
					write(w, []byte(text))
				}
				got := strings.Join(textsOf(w.logs), "")
				if got != strings.Join(tt.want, "") || w.cut != tt.cut {
					t.Errorf("logs are %q, cut %t; want %q, %t", got, w.cut, tt.want, tt.cut)
				}
			}
		})
	}
}

func textsOf(logs []Log) []string {
	texts := []string{}
	for _, l := range logs {
		texts = append(texts, l.Text)
	}
	return texts
}
