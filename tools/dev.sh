#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What ./dev runs; it stands in the project's folder.
set -euo pipefail
preset=${HAMLET_PRESET:-dev}

build() { # build [TARGET...]
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset"
  cmake --build --preset "$preset" ${1:+--target "$@"}
}

case "${1:-help}" in
build) shift; build "$@" ;;
test) build && ctest --preset "$preset" ;;
*) echo "usage: ./dev build|test" ;;
esac
