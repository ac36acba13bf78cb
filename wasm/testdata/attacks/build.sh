#!/usr/bin/env bash
# Builds the .wasm beside each .wat; with a folder named, there. Needs wat2wasm (Debian: wabt). Nothing is checked: some of
# the attacks are not valid. The .hex files need no building, the test assembles them.
set -euo pipefail
cd "$(dirname "$0")"
for source in *.wat; do
  wat2wasm --enable-all --no-check "$source" -o "${1:-.}/${source%.wat}.wasm"
done
