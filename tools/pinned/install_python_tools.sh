#!/usr/bin/env bash
# Installs locked tools of Python into an environment of their own, once per change of their lock:
#
#   install_python_tools.sh NAME   NAME.txt beside it -> tools/.cache/NAME
set -euo pipefail

pinned="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
lock="$pinned/$1.txt" target="$pinned/../.cache/$1"

if ! cmp -s "$lock" "$target/lock.txt"; then
  rm -rf "$target"
  "$pinned/../../.venv/bin/python" -m venv "$target"
  "$target/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
  cp "$lock" "$target/lock.txt"
fi
