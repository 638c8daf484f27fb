#!/usr/bin/env bash
# Builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer and runs tests of tensors and ops on it.
# Arguments are passed to ava; without any, the files below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tree=$PWD/cmake-build-sanitize
# node-gyp-build looks for build/Release in the folder that EVERLEARN_PREBUILD names.
node_modules/.bin/cmake-js build --out "$tree" --parallel "$(nproc)" \
  --CDEVERLEARN_SANITIZE=ON --CDEVERLEARN_OUTPUT="$tree/build/Release" >&2

export EVERLEARN_PREBUILD=$tree
# Node itself never frees some of its memory, and its own allocations are not ours to judge.
export ASAN_OPTIONS=detect_leaks=0:halt_on_error=1 UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
files=('test/tensor/**/*.test.ts' 'test/ops/**/*.test.ts')
# The run time of the sanitizers must come first in every process that loads the addon; node does not bring it.
LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libubsan.so)" \
  node node_modules/ava/entrypoints/cli.mjs "${@:-${files[@]}}"
