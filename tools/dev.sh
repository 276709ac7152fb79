#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What ./dev runs; it stands in the project's folder. Longer commands are files in tools/dev/.
set -euo pipefail
export LC_ALL=C.UTF-8

# needs LIST...: Debian packages, see tools/packages/.
needs() {
  local files=() list
  for list in "$@"; do
    case "$list" in
    */*) files+=("$list") ;;
    *) files+=("tools/packages/$list.txt") ;;
    esac
  done
  tools/packages.sh "${files[@]}"
}

# A compiler that reads CAF takes up to 1 GiB: on a small machine fewer at a time.
jobs() {
  local cores room
  cores=$(nproc)
  room=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
  echo $((room < 1 ? 1 : room < cores ? room : cores))
}

# configure PRESET: once; later the build itself sees changes of CMake's files.
configure() {
  needs build
  [ -f "build/$1/build.ninja" ] || cmake --preset "$1"
}

# A disk that is full in the middle of a build says nothing but "FAILED".
has_room() {
  local free
  free=$(df --output=avail -k . | awk 'NR == 2 { print int($1 / 1048576) }')
  [ -d "build/$1/bin" ] || [ "$free" -ge 8 ] || {
    echo "./dev: a build takes 6 GiB and there are $free GiB free here." >&2
    exit 1
  }
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  has_room "$preset"
  configure "$preset"
  cmake --build --preset "$preset" -j "$(jobs)" ${1:+--target "$@"}
}

# run_tests PRESET [CTEST ARGUMENTS...]
run_tests() {
  local preset=$1
  shift
  needs build test cluster tests/clients/packages.txt tests/deploy/packages.txt tests/faults/packages.txt
  build "$preset"
  ctest --preset "$preset" "$@"
}

help() {
  cat <<'END'
./dev COMMAND: each installs the Debian packages it needs, with apt-get as root or by sudo.

  run              build, start one node on this machine with a sample community (in ./run)
  cluster [ORDER]  three nodes with PostgreSQL, Redis and HAProxy, each on a host of its own
                   (network namespaces as root); --help lists the orders to a running one
  build [TARGET]   build everything, or one target, into build/dev
  test [ARGS]      build, run all tests; ARGS go to ctest: ./dev test -R smtp
  check [--all]    format, clang-tidy on what changed (or on all), layers, made documents
  docs             make docs/config.md and docs/rfc.md again
  asan, tsan       the unit tests under AddressSanitizer and UBSan, or ThreadSanitizer
  fuzz [SECONDS [NAME...]]
                   run each fuzz target, or those named, for so long (60)
  upgrade REF      three nodes of an earlier commit are upgraded to this tree, and go back
  soak [ROUNDS]    kill a node under load, look for lost mail
  bench NAME       a measurement of bench/, with an optimized build
  help             this

HAMLET_PRESET=release ./dev build uses another preset of CMakePresets.json.
END
}

preset=${HAMLET_PRESET:-dev}
command=${1:-help}
[ $# -eq 0 ] || shift
case "$command" in
build) build "$preset" "$@" ;;
test) run_tests "$preset" "$@" ;;
# The programs of other projects in these tests are not instrumented, and time is short.
asan | tsan) run_tests "$command" -E '^(clients|faults)\.' "$@" ;;
run)
  build release hamlet
  exec tools/dev/run.py "$@"
  ;;
cluster)
  if [[ "${1:-}" =~ ^(|--folder.*|--loopback)$ ]]; then
    needs build cluster
    build release hamlet
  fi
  exec python3 -B tools/dev/cluster "$@"
  ;;
check) . tools/dev/check.sh ;;
docs) . tools/dev/docs.sh ;;
fuzz) . tools/dev/fuzz.sh ;;
upgrade) . tools/dev/upgrade.sh ;;
soak)
  needs build test tests/clients/packages.txt tests/faults/packages.txt
  build release hamlet
  HAMLET_BIN=$PWD/build/release/bin/hamlet exec tests/faults/soak.sh "$@"
  ;;
bench)
  needs build test cluster bench/packages.txt
  build release hamlet_bench
  exec bench/run.py "$@"
  ;;
help | --help | -h) help ;;
*)
  help >&2
  exit 2
  ;;
esac
