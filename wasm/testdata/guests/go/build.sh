#!/usr/bin/env bash
# Builds guest.wasm, or the file named. Needs Go.
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/guest.wasm}")
cd "$(dirname "$0")"
GOOS=wasip1 GOARCH=wasm GOFLAGS= go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags="-s -w" -o "$out" .
