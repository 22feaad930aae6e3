#!/usr/bin/env bash
# Installs the tools of tools/package-lock.json into tools/.cache/node, once per change of that file.
# Exit code 3: node or npm is missing.
set -euo pipefail

tools="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="$tools/.cache/node"

for program in node npm; do
  command -v "$program" >/dev/null || { echo "install_node_tools: $program is needed" >&2; exit 3; }
done

if ! cmp -s "$tools/package-lock.json" "$target/installed.json"; then
  rm -rf "$target"
  mkdir -p "$target"
  cp "$tools/package.json" "$tools/package-lock.json" "$tools/.npmrc" "$target"
  (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  cp "$tools/package-lock.json" "$target/installed.json"
fi
