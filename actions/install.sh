#!/usr/bin/env bash
# Puts the command `mockserver` on the path of this step and the next ones, from the bundle of a release:
#
#   BUNDLE   the bundle; needn't be given where `mockserver` is installed already
#   PYTHON   its Python, as `cp311` in its name tells; python3 if left out
#
# It is sourced by the scripts beside it. What can't be installed is an error, with the reason.
if ! command -v mockserver >/dev/null; then
  if [ ! -f "${BUNDLE:-}" ]; then
    echo "::error::mockserver isn't installed, and the input bundle names no bundle of a release." >&2
    exit 2
  fi
  tools="$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/mockserver.XXXXXX")"
  { tar xf "$BUNDLE" -C "$tools" && "${PYTHON:-python3}" -m venv "$tools/venv" &&
    "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$tools/wheels" \
      'openloyalty-mockserver[check]'; } || {
    echo "::error::The bundle can't be installed. Is it for this platform, and for $("${PYTHON:-python3}" --version)?" >&2
    exit 2
  }
  PATH="$tools/venv/bin:$PATH"
  echo "$tools/venv/bin" >>"$GITHUB_PATH"
fi
