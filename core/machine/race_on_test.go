//go:build race

package machine_test

// oftener is how often a test repeats itself with other numbers. Under the race detector the machine is ten times slower: a
// quarter will do there, and `make test` runs the whole without it as well.
func oftener(n int) int { return max(1, n/4) }
