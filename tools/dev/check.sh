# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# ./dev check [--all]: what a reviewer should not have to say. clang-tidy takes seconds a file,
# so it reads what differs from the main branch; --all reads everything.
needs build check
all=${1:-}
failed=0
step() { # step NAME COMMAND...
  local name=$1
  shift
  if "$@"; then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    failed=1
  fi
}

changed() { # changed PATTERN...: files in git that differ from where main was left, and new ones
  local since
  since=$(git merge-base HEAD origin/main 2> /dev/null || git merge-base HEAD main 2> /dev/null ||
    git rev-parse HEAD)
  { git diff --name-only --diff-filter=d "$since" -- "$@"
    git ls-files --others --exclude-standard -- "$@"; } | sort -u
}

format() { git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format --dry-run -Werror; }

tidy() {
  local files
  if [ "$all" = --all ]; then
    mapfile -t files < <(git ls-files '*.cpp' ':!tests' ':!bench')
  else
    mapfile -t files < <(changed '*.cpp' ':!tests' ':!bench')
  fi
  [ ${#files[@]} -gt 0 ] || return 0
  # Headers made from proto/ must exist. The build with clang: g++'s precompiled headers are not
  # for clang-tidy.
  [ -f build/tidy/build.ninja ] || cmake --preset tidy > /dev/null
  cmake --build --preset tidy --target hamlet_proto > /dev/null
  printf '%s\0' "${files[@]}" |
    xargs -0 -P "$(jobs)" -n 4 clang-tidy -p build/tidy --quiet --warnings-as-errors='*' \
      2> >(grep -v 'warnings generated' >&2)
}

manual() {
  build "$preset" hamlet_config_manual > /dev/null &&
    "build/$preset/bin/hamlet_config_manual" | diff -u docs/config.md -
}

step format format
step layers tools/check_layers.py .
step tree tools/check_tree.py .
step tidy tidy
step docs/config.md manual
step docs/rfc.md tools/rfc_table.py --check .
exit $failed
