#!/usr/bin/env bash
# Builds addon and kernel tests with AddressSanitizer and UndefinedBehaviorSanitizer (tree: cmake-build-sanitize), then runs
#   scripts/sanitize.sh kernels    the C++ tests of the kernels
#   scripts/sanitize.sh cuda       the same on the CUDA kernels, run on the host
#   scripts/sanitize.sh ARGUMENTS  ava with these arguments on the sanitized addon; without any, tests of tensors and ops
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tree=$PWD/cmake-build-sanitize
grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$tree/CMakeCache.txt" || rm -rf "$tree"
# node-gyp-build looks for build/Release in the folder that EVERLEARN_PREBUILD names.
node_modules/.bin/cmake-js build --out "$tree" --parallel "$(nproc)" \
  --CDEVERLEARN_SANITIZE=ON --CDEVERLEARN_OUTPUT="$tree/build/Release" >&2

export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
case ${1-} in
  kernels) exec "$tree/native/test/kernels_test" ;;
  cuda) exec "$tree/native/test/cuda_kernels_test" ;;
esac

export EVERLEARN_PREBUILD=$tree
# What Node itself never frees is not ours to judge.
export ASAN_OPTIONS=detect_leaks=0
files=('test/tensor/**/*.test.ts' 'test/ops/**/*.test.ts')
# The run time of the sanitizers must come first in every process that loads the addon; node does not bring it.
run_times="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libubsan.so)"
LD_PRELOAD=$run_times node -e "process.exit(require('./binding.cjs').info().sanitized ? 0 : 1)"
LD_PRELOAD=$run_times node node_modules/ava/entrypoints/cli.mjs "${@:-${files[@]}}"
