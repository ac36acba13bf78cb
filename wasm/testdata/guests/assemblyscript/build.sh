#!/usr/bin/env bash
# Builds guest.wasm, or the file named. Needs node and npm (Debian: nodejs npm), which fetch the compiler at the first time.
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/guest.wasm}")
cd "$(dirname "$0")"
[[ -d node_modules ]] || npm ci --no-audit --no-fund --silent
# The stub runtime never frees: the host resets after each contact, which costs less than collecting garbage.
node_modules/.bin/asc guest.ts -O3 --runtime stub --exportStart _initialize --use abort=guest/abort -o "$out"
