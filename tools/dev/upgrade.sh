# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./dev upgrade REF [ARGUMENTS of tests/upgrade/rolling_upgrade.py]: the program of an earlier commit is
# built in a work tree of git in build/upgrade, which stays for the next time
# (`git worktree remove --force build/upgrade` ends it).
preset=${preset:?}
needs build test cluster tests/clients/packages.txt tests/faults/packages.txt
commit=$(git rev-parse --verify --quiet "${1:-}^{commit}") || {
  echo "./dev upgrade REF: which commit or tag is to be upgraded from?" >&2
  exit 2
}
shift
before=$PWD/build/upgrade
if [ -e "$before/.git" ]; then
  git -C "$before" checkout --quiet --force --detach "$commit"
else
  git worktree prune
  git worktree add --quiet --detach "$before" "$commit"
fi
build "$preset" hamlet
(
  cd "$before" || exit
  build "$preset" hamlet
)
echo "== from $(git log -1 --format='%h %s' "$commit") to this tree"
HAMLET_BIN=$before/build/$preset/bin/hamlet HAMLET_NEXT=$PWD/build/$preset/bin/hamlet \
  exec tests/upgrade/rolling_upgrade.py "$@"
