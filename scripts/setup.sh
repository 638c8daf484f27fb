#!/usr/bin/env bash
# Makes a checkout ready: compiler and oneDNN (Debian, Ubuntu), npm packages, the addon, dist/. Does only what is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

check_node() {
  local wanted='Node.js 20.19 or newer is needed'
  command -v node >/dev/null && command -v npm >/dev/null || fail "$wanted, with npm; see https://nodejs.org"
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (+a === 20 && +b >= 19) ? 0 : 1)' \
    || fail "$wanted; this is $(node --version)"
  [[ "$(node -p 'process.platform + "-" + process.arch')" == linux-x64 ]] \
    || fail 'everlearn runs on linux-x64; on Windows use WSL 2, elsewhere a linux/amd64 container'
}

missing_packages() {
  command -v g++ >/dev/null || echo g++
  command -v cmake >/dev/null || echo cmake
  command -v make >/dev/null || command -v ninja >/dev/null || echo make
  # A compiler of one's own may have oneDNN elsewhere (CPATH), so it is asked rather than dpkg.
  if ! command -v g++ >/dev/null || ! g++ -E -x c++ - -o /dev/null <<<'#include <oneapi/dnnl/dnnl.h>' 2>/dev/null; then
    echo libdnnl-dev
  fi
}

install_system_packages() {
  local missing as_root=()
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || fail "these are missing: ${missing[*]} (named as Debian names them). \
This script installs them on Debian and Ubuntu only; see docs/install.md for other systems"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "run as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

install_npm_packages() {
  node scripts/packages-match.cjs && return 0
  say 'installing npm packages'
  # None of them needs its install script; ours (the build) is the next step.
  npm ci --ignore-scripts --no-audit --no-fund >&2
}

# changed STAMP PATH...: the stamp is missing, or something under the paths is newer (a folder is when a file left it).
changed() {
  local stamp=$1
  shift
  [[ ! -e $stamp ]] || [[ -n "$(find "$@" -path native/test -prune -o -newer "$stamp" -print -quit)" ]]
}

build_addon() {
  local stamp=cmake-build/.built
  [[ -e build/Release/everlearn.node ]] && ! changed $stamp native CMakeLists.txt && return 0
  say 'building the addon (a few minutes the first time)'
  # CMake refuses a build tree of another folder.
  grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" cmake-build/CMakeCache.txt || rm -rf cmake-build
  mkdir -p cmake-build
  touch $stamp.next
  node_modules/.bin/cmake-js build --out cmake-build --parallel "$(nproc)" >&2
  mv $stamp.next $stamp
}

build_dist() {
  local stamp=dist/.built
  changed $stamp lib tasks package-lock.json tsconfig.json tsconfig.build.json || return 0
  say 'compiling TypeScript'
  mkdir -p dist
  touch $stamp.next
  node_modules/.bin/tsc -p tsconfig.build.json >&2
  mv $stamp.next $stamp
}

check_node
install_system_packages
install_npm_packages
build_addon
build_dist
