#!/usr/bin/env bash
# Writes the locks anew, each with the newest versions that its source allows, and a hash for every file of them:
#
#   pyproject.toml                 -> constraints.txt      what `make install` puts into .venv
#   tools/pinned/python-client.in  -> python-client.txt    the generator of clients, in an environment of its own
#   tools/pinned/mutation.in       -> mutation.txt         what changes the code for `make mutation`, the same way
#   tools/pinned/npm-executable.in -> npm-executable.txt  what makes the executable of the npm package, the same way
#   tools/pinned/openapi-generator.in -> openapi-generator.txt   the generator of Java and Go clients, the same way
#   tools/pinned/recipes.in        -> recipes.txt          what `make recipes` checks them with, the same way
#   tools/pinned/site.in           -> site.txt             the generator of the site, the same way
#   tools/pinned/package.json      -> package-lock.json    the tools that need Node.js
#   tools/pinned/collection-runners/package.json           the same, for what runs collections/
#   tools/pinned/generated-clients/package.json            the same, for clients in TypeScript
#   tools/pinned/receivers/package.json                    the same, for the guide's receiver in Express
#   js/package.json                                        the same, for the npm package itself
#
# The first seven hold for every Python from 3.11 on and every platform. No lock names a registry: pip and npm take the
# one that they are configured for, and so does this script.
set -euo pipefail

UV=0.13.9 # the resolver; no other target needs it

cd "$(dirname "${BASH_SOURCE[0]}")/.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "uv==$UV"
index="$("$work/venv/bin/pip" config get global.index-url 2>/dev/null || true)"
index="${PIP_INDEX_URL:-$index}"
[ -z "$index" ] || export UV_DEFAULT_INDEX="$index"

# lock SOURCE TARGET [OPTION...]
lock() {
  UV_PYTHON_DOWNLOADS=never "$work/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 \
    --python "$work/venv/bin/python" --generate-hashes --upgrade --no-emit-index-url --no-emit-find-links \
    --annotation-style line --custom-compile-command "make lock" "${@:3}" --output-file "$work/lock.txt" "$1" >/dev/null
  # Of an URL a lock has no need, and a registry's may hold a password.
  ! grep -nE '://' "$work/lock.txt" || { echo "lock: $2 would name a URL" >&2; exit 1; }
  cat "$work/lock.txt" >"$2"
  echo "$2: $(grep -c '==' "$2") packages"
}

lock pyproject.toml constraints.txt --all-extras
lock tools/pinned/python-client.in tools/pinned/python-client.txt
lock tools/pinned/mutation.in tools/pinned/mutation.txt
lock tools/pinned/npm-executable.in tools/pinned/npm-executable.txt
lock tools/pinned/openapi-generator.in tools/pinned/openapi-generator.txt
lock tools/pinned/recipes.in tools/pinned/recipes.txt
lock tools/pinned/site.in tools/pinned/site.txt

if command -v npm >/dev/null; then
  for folder in tools/pinned tools/pinned/{collection-runners,generated-clients,receivers} js; do
    rm -rf "$work/node"
    mkdir "$work/node"
    cp "$folder/package.json" tools/pinned/.npmrc "$work/node"
    (cd "$work/node" && npm install --package-lock-only --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
    ! grep -n '"resolved"' "$work/node/package-lock.json" ||
      { echo "lock: $folder/package-lock.json would name a registry" >&2; exit 1; }
    cp "$work/node/package-lock.json" "$folder/package-lock.json"
    echo "$folder/package-lock.json: $(grep -c '"integrity"' "$folder/package-lock.json") packages"
  done
else
  echo "tools/pinned/package-lock.json: SKIPPED, npm is needed" >&2
fi
