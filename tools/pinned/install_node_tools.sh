#!/usr/bin/env bash
# Installs the tools of package-lock.json beside it into tools/.cache/node, once per change of that file.
# Exit code 3: node or npm is missing.
set -euo pipefail

pinned="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="$pinned/../.cache/node"

for program in node npm; do
  command -v "$program" >/dev/null || { echo "install_node_tools: $program is needed" >&2; exit 3; }
done

if ! cmp -s "$pinned/package-lock.json" "$target/installed.json"; then
  rm -rf "$target"
  mkdir -p "$target"
  cp "$pinned/package.json" "$pinned/package-lock.json" "$pinned/.npmrc" "$target"
  (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  cp "$pinned/package-lock.json" "$target/installed.json"
fi
