#!/usr/bin/env bash
# Holds an instance of Open Loyalty against the contract, as a job of the night. README.md beside it says how to set it up.
#
#   OL_URL                    the instance; OL_USERNAME and OL_PASSWORD (or OL_API_KEY) let the run in
#   OL_STORE=DEFAULT          the store to work in
#   OL_YES_HOST               its host, once more: leave to test it (this machine needs none)
#   OL_BASELINE=baseline.toml findings that are known; needn't be there
#   OL_PREVIOUS=previous      folder that is kept from night to night, with the report of the last one
#   OL_REPORTS=reports        folder for the reports of this night; must not be there yet
#   OL_BUNDLE                 the bundle of a release, to install `mockserver` from if it isn't there
#
# More options of `mockserver check live` may follow; those of access, such as --ca-file, and --other-store go to the
# sweep, too. Exit code: 0 inside the contract, 1 findings, 2 could not judge.
set -euo pipefail

unable() { # nothing was judged
  echo "$1" >&2
  exit 2
}

baseline="${OL_BASELINE:-baseline.toml}" previous="${OL_PREVIOUS:-previous}" reports="${OL_REPORTS:-reports}"
[ -n "${OL_URL:-}" ] || unable "OL_URL must name the instance, such as https://ol.staging.example.com."
[ ! -e "$reports" ] || unable "$reports is there already: remove it, or name another folder in OL_REPORTS."

if ! command -v mockserver >/dev/null; then
  [ -f "${OL_BUNDLE:-}" ] || unable "mockserver isn't installed, and OL_BUNDLE names no bundle of a release."
  tools="$(mktemp -d)"
  { tar xf "$OL_BUNDLE" -C "$tools" && "${PYTHON:-python3}" -m venv "$tools/venv" &&
    "$tools/venv/bin/pip" install --quiet --no-index --find-links "$tools/wheels" 'openloyalty-mockserver[check]'; } ||
    unable "$OL_BUNDLE can't be installed. Is it for this platform, and for $("${PYTHON:-python3}" --version)?"
  PATH="$tools/venv/bin:$PATH"
fi

target=(--url "$OL_URL" --store "${OL_STORE:-DEFAULT}")
[ -z "${OL_YES_HOST:-}" ] || target+=(--yes-host "$OL_YES_HOST")

shared=() # the given options that say where the instance is, and how to get there: the sweep needs them, too
given=("$@")
for ((at = 0; at < ${#given[@]}; at++)); do
  case "${given[at]}" in
    --insecure) shared+=("${given[at]}") ;;
    --url | --store | --other-store | --path-value | --yes-host | --username | --password | --api-key | --header | --basic | \
      --proxy | --ca-file | --spec | --spec-root | --overlay | --rate | --timeout) shared+=("${given[at]}" "${given[++at]-}") ;;
    --url=* | --store=* | --other-store=* | --path-value=* | --yes-host=* | --username=* | --password=* | --api-key=* | \
      --header=* | --basic=* | --proxy=* | --ca-file=* | --spec=* | --spec-root=* | --overlay=* | --rate=* | --timeout=*)
      shared+=("${given[at]}") ;;
  esac
done
mockserver sweep --mark --older-than 12h --yes "${target[@]}" ${shared[@]+"${shared[@]}"} || [ $? -eq 1 ] || exit 2 # what a killed job has left

options=(--report-dir "$reports")
[ ! -f "$baseline" ] || options+=(--baseline "$baseline")
[ ! -f "$previous/report.json" ] || options+=(--compare "$previous/report.json")
code=0
mockserver check live "${target[@]}" "${options[@]}" "$@" || code=$?

if [ "$code" -le 1 ]; then # a night that could not judge is nothing to compare with
  mkdir -p "$previous"
  cp "$reports/report.json" "$previous/report.json"
fi
exit "$code"
