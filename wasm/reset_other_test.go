//go:build !linux || !(amd64 || arm64)

package wasm

const turnsToGiveBackForTests = 1
