#!/usr/bin/env bash
# Holds an instance against the contract. action.yml says what the variables are for.
#
# `check live` annotates and adds to the summary of the step itself, as GITHUB_ACTIONS and GITHUB_STEP_SUMMARY are set.
set -euo pipefail

. "${BASH_SOURCE[0]%/*}/../install.sh"

if [ -z "${OL_URL:-}" ]; then
  echo "::error::url must name the instance, such as https://ol.staging.example.com." >&2
  exit 2
fi
# A line break would end the output's line, and begin another output.
if [[ "${REPORTS:-}" == *[$'\n\r']* ]]; then
  echo "::error::reports must be one path, without a line break." >&2
  exit 2
fi
options=(--url "$OL_URL" --store "${OL_STORE:-DEFAULT}" --report-dir "${REPORTS:-mockserver-report}")
[ -z "${YES_HOST:-}" ] || options+=(--yes-host "$YES_HOST")
[ -z "${BASELINE:-}" ] || options+=(--baseline "$BASELINE")
while IFS= read -r line; do
  [ -z "$line" ] || options+=("$line")
done <<<"${ARGUMENTS:-}"

code=0
mockserver check live "${options[@]}" || code=$?
case "$code" in
  0) verdict=inside ;;
  1) verdict=findings ;;
  *) verdict=unjudged ;;
esac
{ echo "verdict=$verdict"; echo "reports=${REPORTS:-mockserver-report}"; } >>"$GITHUB_OUTPUT"
exit "$code"
