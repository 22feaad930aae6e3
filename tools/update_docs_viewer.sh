#!/usr/bin/env bash
# Puts the pinned documentation viewer into mockserver/app/static/assets/ and prints its version and size.
#
#   tools/update_docs_viewer.sh            the pinned version
#   tools/update_docs_viewer.sh 1.72.1     another one; then change VERSION below too
#
# Run it only to change the viewer: its file is kept in the repository, so that neither
# the server nor its packaging needs npm or a network.
set -euo pipefail

VERSION="${1:-1.72.1}"
# The viewer's package carries no licence file; this one of the same project does.
LICENCE_PACKAGE="@scalar/helpers"

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
assets="$root/mockserver/app/static/assets"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

command -v npm >/dev/null || { echo "update_docs_viewer: npm is needed" >&2; exit 3; }

# unpack PACKAGE FOLDER: downloads a package, runs none of its scripts.
unpack() {
  mkdir -p "$work/$2"
  (cd "$work" && npm pack --silent --ignore-scripts "$1" >"$2.name")
  tar -xzf "$work/$(tail -n 1 "$work/$2.name")" -C "$work/$2" --strip-components=1
}

unpack "@scalar/api-reference@$VERSION" viewer
unpack "$LICENCE_PACKAGE" licence

mkdir -p "$assets"
# The source map is not shipped, so the line that names it goes too.
sed '/^\/\/# sourceMappingURL=/d' "$work/viewer/dist/browser/standalone.js" >"$assets/scalar.js"
{
  echo "scalar.js is the file dist/browser/standalone.js of the npm package"
  echo "@scalar/api-reference, version $VERSION (https://github.com/scalar/scalar)."
  echo "Licences of what is bundled in it stand in its comments."
  echo
  cat "$work/licence/LICENSE"
} >"$assets/scalar.LICENSE.txt"
chmod 644 "$assets/scalar.js" "$assets/scalar.LICENSE.txt"

printf '@scalar/api-reference %s: %s bytes, %s gzipped\n' "$VERSION" \
  "$(wc -c <"$assets/scalar.js")" "$(gzip -9c "$assets/scalar.js" | wc -c)"
