#!/usr/bin/env bash
# What has to be seen on a machine with a GPU, in pieces under eight minutes each:
#   scripts/gpu-check.sh pack          on any machine: .gpu-check/ gets Node, npm packages and the binaries built here, for a
#                                      machine with a GPU that has nothing but this checkout (with it under 64 MiB)
#   scripts/gpu-check.sh build         builds for this machine's GPU where nvcc, CMake, g++ and oneDNN are, else takes the packed binaries
#   scripts/gpu-check.sh test          operations and models on the GPU, and that training repeats to the bit
#   scripts/gpu-check.sh sanitize      compute-sanitizer (memcheck, racecheck) over one training step
#   scripts/gpu-check.sh bench CASE    a case of bench/training.ts in turns with PyTorch, such as base-bfloat16-512
# Logs stay in $OUT where it is set, else in .gpu-check/logs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly packed=.gpu-check
limit=470 # seconds of a command
logs=${OUT:-$packed/logs}

say() { printf 'gpu-check: %s\n' "$*" >&2; }

# run NAME COMMAND...: its output goes to the terminal and to NAME.log; the status is the command's.
run() {
  local name=$1 status=0
  shift
  mkdir -p "$logs"
  say "$name: $*"
  timeout --kill-after=10 "$limit" "$@" 2>&1 | tee "$logs/$name.log" || status=${PIPESTATUS[0]}
  say "$name: exit code $status, log $logs/$name.log"
  return "$status"
}

pack() {
  local node modules
  rm -rf "$packed"
  mkdir -p "$packed/binaries/build/Release" "$packed/binaries/cmake-build"
  node=$(node -p process.execPath)
  cp "$node" "$packed/node"
  strip "$packed/node" 2>/dev/null || true
  xz -T0 -3 "$packed/node"
  modules=$(readlink -f node_modules)
  # What neither the tests nor the benches of a GPU import.
  XZ_OPT=-3 tar -C "$(dirname "$modules")" -cJf "$packed/node_modules.tar.xz" \
    --exclude=typescript --exclude=@biomejs --exclude=puppeteer-core --exclude='tokenizers*' --exclude=clang-format \
    --exclude=@node-rs --exclude='wink-*' --exclude='*.d.ts' --exclude='*.map' "$(basename "$modules")"
  for binary in build/Release/everlearn.node build/Release/libeverlearn_cuda.so cmake-build/attention_mask_test; do
    [[ -e $binary ]] || { say "$binary is missing: build it first (EVERLEARN_CUDA=ON scripts/setup.sh)"; return 1; }
    strip -o "$packed/binaries/$binary" "$binary"
  done
  ldd build/Release/everlearn.node | awk '/lib(dnnl|gomp|OpenCL)/ { print $3 }' |
    xargs -I{} cp -L {} "$packed/binaries/build/Release/"
  # Backend and test hold the same kernels, further apart than xz looks by default.
  XZ_OPT=--lzma2=preset=3,dict=64MiB tar -C "$packed/binaries" -cJf "$packed/binaries.tar.xz" build cmake-build
  rm -r "$packed/binaries"
  local bytes checkout
  bytes=$(du -sb "$packed" | cut -f1)
  checkout=$(git ls-files -z | xargs -0 du -cb | tail -1 | cut -f1)
  say "$packed holds $((bytes / 1000)) kB, the checkout $((checkout / 1000)) kB"
  ((bytes + checkout < 64 << 20)) || { say 'together that is more than 64 MiB'; return 1; }
}

unpack() {
  if ! command -v node >/dev/null; then
    if [[ ! -x $packed/bin/node ]]; then
      mkdir -p "$packed/bin"
      xz -dkc "$packed/node.xz" >"$packed/bin/node"
      chmod +x "$packed/bin/node"
    fi
    PATH=$PWD/$packed/bin:$PATH
  fi
  [[ -e node_modules ]] || tar -xJf "$packed/node_modules.tar.xz"
}

build() {
  local capability
  nvidia-smi | tee "$logs/nvidia-smi.log" || { say 'nvidia-smi does not work: there is no driver'; return 1; }
  capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -1 | tr -d .)
  unpack
  if command -v nvcc >/dev/null && command -v cmake >/dev/null && g++ -E -x c++ - -o /dev/null <<<'#include <oneapi/dnnl/dnnl.hpp>' 2>/dev/null; then
    run build node node_modules/cmake-js/bin/cmake-js compile --out cmake-build --parallel "$(nproc)" \
      --CDEVERLEARN_CUDA=ON --CDEVERLEARN_CUDA_ARCHITECTURES="$capability-real"
  else
    say 'nvcc, CMake, g++ or oneDNN is missing here: taking the packed binaries'
    tar -xJf "$packed/binaries.tar.xz"
  fi
  run doctor node bin/everlearn.mjs doctor
}

test_() {
  unpack
  EVERLEARN_BACKEND=${EVERLEARN_BACKEND:-cuda} run test node node_modules/ava/entrypoints/cli.mjs --timeout=7m \
    test/tensor test/ops test/nn test/optim test/cuda
}

sanitize() {
  local status=0
  unpack
  command -v compute-sanitizer >/dev/null || { say 'compute-sanitizer is missing (package cuda-sanitizer)'; return 1; }
  limit=230 # each of the two
  for tool in memcheck racecheck; do
    EVERLEARN_BACKEND=cuda run "sanitize-$tool" compute-sanitizer --tool "$tool" --error-exitcode 9 \
      --target-processes all node --import tsx test/cuda/train-steps.ts 1 || status=1
  done
  return "$status"
}

bench() {
  unpack
  local case=${1-}
  [[ -n $case ]] || { say 'which case? those of lib/bench/cases.ts, such as base-bfloat16-128'; return 2; }
  run "bench-$case" node --import tsx bench/training.ts --device cuda --only "$case" --steps 20 --json "$logs/bench-$case.json"
}

mkdir -p "$logs"
case ${1-} in
  pack | build | sanitize) "$1" ;;
  test) test_ ;;
  bench) bench "${2-}" ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
