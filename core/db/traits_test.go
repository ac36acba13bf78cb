package db_test

import (
	"fmt"
	"strings"
	"testing"

	"restock/core"
	"restock/core/db"
	"restock/core/pack"
)

var someTraits = []core.Traits{
	{},
	{ID: core.ContactID{1}, EmailDomain: "shop.example", Locale: "de-DE", Region: "DE", Tags: []string{"vip", "größe-m"}, CreatedAt: 1_600_000_000_000},
	{ID: core.ContactID{2}, EmailDomain: strings.Repeat("x", 300), CreatedAt: -5},
}

func TestTraits(t *testing.T) {
	for _, want := range someTraits {
		note := db.AppendTraits(nil, want)
		if got, err := db.ReadTraits(want.ID, note); err != nil || !got.Equal(want) {
			t.Errorf("read %+v, %v; want %+v", got, err, want)
		}
		if _, err := db.ReadTraits(want.ID, note[:len(note)-1]); err == nil {
			t.Errorf("a note that is cut was read")
		}
	}
}

// TestTraitsWithFields: a contact with fields has no note, so that its record is read.
func TestTraitsWithFields(t *testing.T) {
	with := someTraits[1]
	with.Fields = map[string]string{"tier": "gold"}
	if note := db.AppendTraits(nil, with); len(note) > 0 {
		t.Errorf("the note is %x", note)
	}
	if with.Equal(someTraits[1]) {
		t.Error("a contact that got its first field has the same traits")
	}
}

// TestTraitsOfALaterVersion: what was added at the end is passed over.
func TestTraitsOfALaterVersion(t *testing.T) {
	note := db.AppendTraits(nil, someTraits[1])
	note[0]++ // one element more
	if got, err := db.ReadTraits(someTraits[1].ID, pack.AppendStrings(note, []string{"new"})); err != nil || !got.Equal(someTraits[1]) {
		t.Errorf("read %+v, %v", got, err)
	}
}

func FuzzReadTraits(f *testing.F) {
	for _, t := range someTraits {
		f.Add(db.AppendTraits(nil, t))
	}
	f.Fuzz(func(t *testing.T, note []byte) {
		read, err := db.ReadTraits(core.ContactID{1}, note)
		if err != nil {
			return
		}
		again, err := db.ReadTraits(core.ContactID{1}, db.AppendTraits(nil, read))
		if err != nil || !again.Equal(read) {
			t.Errorf("read %+v, and of what that is written as %+v, %v", read, again, err)
		}
	})
}

// TestNotes: a note stands beside its tail alone, and the newest one does.
func TestNotes(t *testing.T) {
	d := memory(t)
	line := core.Waitlist{Source: "shop", ID: "71"}
	at := func(n byte) db.Place { return db.Place{At: core.Time(n), Contact: core.ContactID{n}} }
	write(t, d, func(tx *db.Tx) {
		db.Waitlists.Note(tx, line, at(1), []byte("one"))
		db.Waitlists.Add(tx, line, at(2))
		db.Waitlists.Note(tx, line, at(3), []byte("three"))
		db.Waitlists.Note(tx, line, at(3), []byte("newer"))
		db.Waitlists.Note(tx, core.Waitlist{Source: "shop", ID: "72"}, at(4), []byte("elsewhere"))
	})
	noted := func(after *db.Place) (all string) {
		read(t, d, func(tx *db.Tx) {
			db.Waitlists.Noted(tx, line, after, func(p db.Place, note []byte) bool {
				all += fmt.Sprintf("%d %s, ", p.At, note)
				return true
			})
		})
		return all
	}
	second := at(2)
	for _, c := range []struct{ got, want string }{
		{noted(nil), "1 one, 2 , 3 newer, "},
		{noted(&second), "3 newer, "},
	} {
		if c.got != c.want {
			t.Errorf("notes are %q, want %q", c.got, c.want)
		}
	}
}
