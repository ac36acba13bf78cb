package activity_test

import (
	"reflect"
	"testing"

	"restock/core"
	"restock/core/activity"
)

var (
	ann   = core.ContactID{0xa}
	entry = core.Entry{
		Contact: ann, Target: core.Target{Source: "shop", Variant: "71"}, CapturedAt: 1_000, Quantity: 2, Market: "eu",
		Repeats: 3, FirstAt: 500, LastAt: 2_000,
	}
	anyVariant = core.Entry{Contact: ann, Target: core.Target{Source: "shop", Product: "7"}, CapturedAt: 1_000}
	tee        = activity.Catalogue{
		Product: core.Product{Source: "shop", ID: "7", Title: "Tee", URL: "https://shop.example/tee", Image: "https://shop.example/tee.png"},
		Variant: core.Variant{
			Source: "shop", ID: "71", Product: "7", SKU: "TEE-M", Title: "M", URL: "https://shop.example/tee?variant=71",
			Price: core.Money{Minor: 1999, Currency: "EUR"},
		},
	}
	again = core.Restock{ID: core.RestockID{9}, Variant: core.VariantKey{Source: "shop", Variant: "71"}, Product: "7", Market: "us", Units: 5}
)

// TestWaiting: the activity of asking says what was asked for, by whom and when, and what the catalogue knew of it.
func TestWaiting(t *testing.T) {
	tests := []struct {
		name      string
		entry     core.Entry
		catalogue activity.Catalogue
		want      core.Activity
	}{
		{"known variant", entry, tee, core.Activity{
			Variant: "71", Product: "7", Market: "eu", SKU: "TEE-M", Price: core.Money{Minor: 1999, Currency: "EUR"},
			Title: "Tee", Choice: "M", URL: "https://shop.example/tee?variant=71",
		}},
		{"a variant without a page of its own", entry, activity.Catalogue{
			Product: tee.Product, Variant: core.Variant{ID: "71", Product: "7"},
		}, core.Activity{Variant: "71", Product: "7", Market: "eu", Title: "Tee", URL: "https://shop.example/tee"}},
		{"unknown variant", entry, activity.Catalogue{}, core.Activity{Variant: "71", Market: "eu"}},
		{"any variant", anyVariant, activity.Catalogue{Product: tee.Product}, core.Activity{
			Product: "7", Title: "Tee", URL: "https://shop.example/tee",
		}},
		{"any variant of an unknown product", anyVariant, activity.Catalogue{}, core.Activity{Product: "7"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.want.ID = core.NewWaitingID(ann, tt.entry.Target, 1_000)
			tt.want.Kind, tt.want.Contact, tt.want.Source = core.WaitingOnStock, ann, "shop"
			tt.want.At, tt.want.AskedAt, tt.want.Asked = 1_000, 1_000, tt.entry.Target
			if got := activity.Waiting(tt.entry, tt.catalogue); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// TestBack: what came back is the restock's, what was asked and since when stays the entry's.
func TestBack(t *testing.T) {
	const now = core.Time(9_000)
	tests := []struct {
		name  string
		entry core.Entry
	}{
		{"who waited for the variant", entry},
		{"who took any variant", anyVariant},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := core.Activity{
				ID: core.NewBackID(ann, again.ID), Kind: core.BackInStock, Contact: ann, At: now,
				Source: "shop", Variant: "71", Product: "7", Market: "us", SKU: "TEE-M",
				Restock: again.ID, Units: 4, Asked: tt.entry.Target, AskedAt: 1_000,
				Price: core.Money{Minor: 1999, Currency: "EUR"}, Title: "Tee", Choice: "M", URL: "https://shop.example/tee?variant=71",
			}
			if got := activity.Back(tt.entry, again, 4, tee, now); !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// TestIDsOfActivities: Back in stock comes at most once per contact and restock, whichever line the contact stands in and
// whenever; asking comes once per place in line.
func TestIDsOfActivities(t *testing.T) {
	other := again
	other.ID = core.RestockID{8}
	first := activity.Back(entry, again, 4, tee, 9_000).ID
	if second := activity.Back(anyVariant, again, 1, activity.Catalogue{}, 9_999).ID; second != first {
		t.Error("one contact has two activities of one restock")
	}
	if next := activity.Back(entry, other, 4, tee, 9_000).ID; next == first {
		t.Error("two restocks have one activity")
	}
	later := entry
	later.CapturedAt++
	if activity.Waiting(entry, tee).ID != activity.Waiting(entry, activity.Catalogue{}).ID {
		t.Error("what the catalogue knows changes the id")
	}
	if activity.Waiting(entry, tee).ID == activity.Waiting(later, tee).ID {
		t.Error("asking anew is the same activity")
	}
}

// TestExpired: the last moment of the retention still counts; extending the retention serves entries that exist.
func TestExpired(t *testing.T) {
	extended := core.Retention{Period: 365 * core.Day, Activities: []core.ActivityKind{core.WaitingOnStock}}
	others := core.Retention{Period: 365 * core.Day, Activities: []core.ActivityKind{core.BackInStock}}
	short := core.Retention{Period: core.Second, Activities: []core.ActivityKind{core.WaitingOnStock}}
	tests := []struct {
		name      string
		retention core.Retention
		waited    core.Milliseconds
		want      bool
	}{
		{"just asked", core.Retention{}, 0, false},
		{"captured by a clock that is ahead", core.Retention{}, -core.Hour, false},
		{"90 days", core.Retention{}, 90 * core.Day, false},
		{"90 days and a millisecond", core.Retention{}, 90*core.Day + 1, true},
		{"90 days and a millisecond, extended", extended, 90*core.Day + 1, false},
		{"a year, extended", extended, 365 * core.Day, false},
		{"a year and a millisecond, extended", extended, 365*core.Day + 1, true},
		{"extended for another activity", others, 90*core.Day + 1, true},
		{"shortened", short, 1001, true},
		{"shortened, in time", short, 1000, false},
	}
	for _, tt := range tests {
		if got := activity.Expired(entry, tt.retention, entry.CapturedAt.Add(tt.waited)); got != tt.want {
			t.Errorf("%s: expired is %t, want %t", tt.name, got, tt.want)
		}
	}
}
