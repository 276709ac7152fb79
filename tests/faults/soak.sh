#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# soak.sh [ROUNDS]: the tests of faults in full, 20 rounds of each unless told. HAMLET_BIN names the
# program, in the build folder that the rest comes from.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rounds=${1:-20}
: "${HAMLET_BIN:?names the program}"
bin=$(cd "$(dirname "$HAMLET_BIN")" && pwd)
cmake --build "$bin/.." --target disk_faults hamlet_mutants -j "$(nproc)"
export HAMLET_BIN HAMLET_DISK_FAULTS=$bin/libdisk_faults.so

failed=()
run() {
  echo "== $*"
  "$here/$1" "${@:2}" || [ $? = 77 ] || failed+=("$*")
}
run kill_under_load.py --rounds "$rounds"
run kill_under_load.py --rounds "$rounds" --cut
run kill_under_load.py --rounds "$rounds" --stop
run cluster_faults.py --full
run cluster_faults.py --rounds $((rounds * 5))
run chat_faults.py --full
run ../clients/cluster_irc_drain_test.py
run chat_faults.py --rounds $((rounds * 5)) --no-redis
run disk_errors.py --rounds $((rounds / 20 + 1))
run stalled_clients.py
run mutation_controls.py
[ ${#failed[@]} -eq 0 ] || { printf 'FAILED %s\n' "${failed[@]}"; exit 1; }
