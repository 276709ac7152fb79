#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# packages.sh FILE...: installs the Debian packages that the files list (one a line, # begins a
# comment) and that are not there yet. Asks dpkg first: when nothing is missing, nothing is run.
set -euo pipefail

say() { echo "packages: $*" >&2; }

wanted() {
  local file
  for file in "$@"; do
    [ ! -f "$file" ] || sed 's/#.*//' "$file"
  done | tr -s '[:space:]' '\n' | sort -u
}

missing() {
  local name
  for name in $(wanted "$@"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
}

# Servers that come with the test clients must not start: the tests run their own. The file is
# removed again; one that is there already stays in charge.
# The text is run by root as a whole, so it gets one line a step and stops at the first failure.
as_root='
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap "rm -f $policy" EXIT
  trap "exit 1" HUP INT TERM
  printf "#!/bin/sh\nexit 101\n" > "$policy"
  chmod 755 "$policy"
fi
install() {
  # One mail server of Debian replaces another: not without being asked. Headers may go, for
  # Boost 1.81 replaces those of 1.74.
  gone=$(apt-get -s install --no-install-recommends "$@" | sed -n "s/^Remv \([^ ]*\).*/\1/p" |
    grep -v -e "-dev$" || true)
  if [ -n "$gone" ]; then
    echo "packages: apt-get would remove" $gone "for this; decide yourself: apt-get install" "$@"
    exit 1
  fi
  apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}
if ! apt-cache show "$@" > /dev/null 2>&1 || ! install "$@"; then
  apt-get update -q
  install "$@"
fi
'

command -v dpkg-query > /dev/null || { say "this is not Debian; install what these list: $*"; exit 1; }
mapfile -t names < <(missing "$@")
[ ${#names[@]} -gt 0 ] || exit 0
say "installs ${names[*]}"
if [ "$(id -u)" = 0 ]; then
  sh -c "$as_root" packages "${names[@]}" >&2
elif command -v sudo > /dev/null; then
  sudo sh -c "$as_root" packages "${names[@]}" >&2
else
  say "needs root, and there is no sudo. As root: apt-get install ${names[*]}"
  exit 1
fi
mapfile -t names < <(missing "$@")
[ ${#names[@]} -eq 0 ] || { say "could not install ${names[*]}"; exit 1; }
