#!/usr/bin/env bash
# Installs locked tools of Node.js into tools/.cache, once per change of their lock:
#
#   install_node_tools.sh          package-lock.json beside it      -> tools/.cache/node
#   install_node_tools.sh FOLDER   FOLDER/package-lock.json         -> tools/.cache/FOLDER
#
# Exit code 3: node or npm is missing.
set -euo pipefail

pinned="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source="$pinned/${1:-.}"
target="$pinned/../.cache/${1:-node}"

for program in node npm; do
  command -v "$program" >/dev/null || { echo "install_node_tools: $program is needed" >&2; exit 3; }
done

if ! cmp -s "$source/package-lock.json" "$target/installed.json"; then
  rm -rf "$target"
  mkdir -p "$target"
  cp "$source/package.json" "$source/package-lock.json" "$pinned/.npmrc" "$target"
  (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  cp "$source/package-lock.json" "$target/installed.json"
fi
