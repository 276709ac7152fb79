# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# ./dev docs: the documents that are made from the code.
build "$preset" hamlet_config_manual
"build/$preset/bin/hamlet_config_manual" > build/config.md
mv build/config.md docs/config.md
tools/rfc_table.py --write .
git status --short docs
