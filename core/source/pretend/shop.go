// Package pretend is a shop for tests: it answers as the APIs of Shopify and WooCommerce are documented to, for one
// catalogue, and fails when told to. It is written from the documentation and was never a real shop's software, so what it
// does not do (stale reads, other plugins' fields) has to be thought of elsewhere.
package pretend

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Shop is a catalogue with its stock. Its methods may be called by many goroutines.
type Shop struct {
	Token       string // that Shopify asks for
	Key, Secret string // that WooCommerce asks for

	mu       sync.Mutex
	products map[int64]Product
	calls    []string // operations or paths, in order
	fail     func(call string) http.HandlerFunc
}

// Product is what is sold.
type Product struct {
	ID        int64
	Title     string
	Hidden    bool
	UpdatedAt time.Time
	Variants  []Variant // for WooCommerce: none is a simple product with Stock
	Stock     Stock     // WooCommerce's, of a simple product
}

// Variant is a buyable choice.
type Variant struct {
	ID, Item int64
	Title    string
	Loose    bool // nobody counts it
	Stock    []Stock
}

// Stock lies at a location.
type Stock struct {
	Location  int64
	Units     int64
	UpdatedAt time.Time
}

// New is a shop without products.
func New() *Shop {
	return &Shop{Token: "shpat_hunter2", Key: "ck_1", Secret: "cs_hunter2", products: map[int64]Product{}}
}

// Put adds products, or changes them.
func (s *Shop) Put(all ...Product) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range all {
		s.products[p.ID] = p
	}
}

// Remove deletes a product.
func (s *Shop) Remove(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.products, id)
}

// Fail lets fail answer the calls for which it returns something; nil: none.
func (s *Shop) Fail(fail func(call string) http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = fail
}

// Calls are what was asked for so far: names of operations, or paths.
func (s *Shop) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// called notes a call and answers it if it is to fail.
func (s *Shop) called(call string, w http.ResponseWriter, r *http.Request) (answered bool) {
	s.mu.Lock()
	s.calls = append(s.calls, call)
	fail := s.fail
	s.mu.Unlock()
	if fail == nil {
		return false
	}
	answer := fail(call)
	if answer != nil {
		answer(w, r)
	}
	return answer != nil
}

// all are the products in order of their ids.
func (s *Shop) all() (all []Product) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.products {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Product) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (s *Shop) product(id int64) (Product, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.products[id]
	return p, ok
}

// sum is what there is at all locations.
func (v Variant) sum() (n int64) {
	for _, s := range v.Stock {
		n += s.Units
	}
	return n
}

// utc is how Shopify writes instants.
func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
