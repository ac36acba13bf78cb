#!/usr/bin/env bash
# Builds guest.wasm, or the file named. Needs clang and wasm-ld (Debian: clang lld).
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/guest.wasm}")
cd "$(dirname "$0")"
clang --target=wasm32 -std=c11 -O2 -ffreestanding -nostdlib -mbulk-memory -fno-ident -Wall -Wno-unused-function \
  -Wl,--no-entry -Wl,--stack-first -Wl,-z,stack-size=16384 -Wl,--strip-debug -o "$out" guest.c
