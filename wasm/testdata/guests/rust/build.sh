#!/usr/bin/env bash
# Builds guest.wasm, or the file named. Needs rustc with the target wasm32-unknown-unknown and wasm-ld (Debian: rustc
# libstd-rust-dev-wasm32 lld; its compiler in /usr/bin comes first, since others may lack the target).
set -euo pipefail
out=$(realpath -m "${1:-$(dirname "$0")/guest.wasm}")
cd "$(dirname "$0")"
PATH="/usr/bin:$PATH" rustc --edition 2021 --crate-name guest --crate-type cdylib --target wasm32-unknown-unknown \
  -C opt-level=3 -C lto -C panic=abort -C strip=symbols -C linker=wasm-ld -C link-arg=-zstack-size=16384 -o "$out" guest.rs
