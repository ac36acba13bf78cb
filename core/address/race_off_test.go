//go:build !race

package address

// raceDetector says that everything takes ten times as long.
const raceDetector = false
