//go:build !race

package machine_test

// oftener: see race_on_test.go.
func oftener(n int) int { return n }
