# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# ./dev fuzz [SECONDS] [NAME...]: each target in turn, from its kept inputs. What it finds new is in
# build/fuzz/corpus/NAME; a finding is in build/fuzz/findings and is never thrown away.
needs build fuzz
seconds=${1:-60}
configure fuzz
if [ $# -gt 1 ]; then
  targets=("${@:2}")
  targets=("${targets[@]/#/fuzz_}")
else
  mapfile -t targets < <(ninja -C build/fuzz -t targets all | sed -n 's|^bin/\(fuzz_[a-z0-9_]*\):.*|\1|p')
fi
[ ${#targets[@]} -gt 0 ] || { echo "no fuzz target is declared" >&2; exit 1; }
mkdir -p build/fuzz/findings
found=()
for target in "${targets[@]}"; do # one after another: building all takes much memory
  build fuzz "$target"
  name=${target#fuzz_}
  dictionary=tests/fuzz/$name.dict
  options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1)
  [ ! -f "$dictionary" ] || options+=("-dict=$dictionary")
  mkdir -p "build/fuzz/corpus/$name"
  echo "== $name, $seconds s"
  "build/fuzz/bin/$target" "${options[@]}" -artifact_prefix="build/fuzz/findings/$name-" \
    "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" > "build/fuzz/$name.log" 2>&1 ||
    { found+=("$name"); tail -n 40 "build/fuzz/$name.log"; }
  grep -E '^stat::number_of_executed_units' "build/fuzz/$name.log" || true
done
[ ${#found[@]} -eq 0 ] || { echo "findings in: ${found[*]} (build/fuzz/findings)" >&2; exit 1; }
echo "nothing found in ${#targets[@]} targets"
