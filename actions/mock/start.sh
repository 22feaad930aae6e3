#!/usr/bin/env bash
# Starts the mock, and waits until it answers. action.yml says what the variables are for.
set -euo pipefail

. "${BASH_SOURCE[0]%/*}/../install.sh"

fail() {
  # What the mock has said is shown, and can give the runner no commands: all in one stream, as two have no order. The
  # token has to be one that the mock can't know.
  local token
  token="mock-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
  {
    echo "::stop-commands::$token"
    cat "$log"
    echo # the log may end within a line
    echo "::$token::"
    echo "::error::$1"
  } >&2
  exit 1
}

arguments=()
while IFS= read -r line; do
  [ -z "$line" ] || arguments+=("$line")
done <<<"${ARGUMENTS:-}"
seconds="${TIMEOUT:-30}"
[[ "$seconds" =~ ^[0-9]{1,4}$ ]] || { echo "::error::timeout must be a whole number of seconds." >&2; exit 2; }

log="$(mktemp "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/mockserver.XXXXXX")"
nohup mockserver serve --host 127.0.0.1 --port "${PORT:-0}" ${arguments[@]+"${arguments[@]}"} --log-format json \
  >"$log" 2>&1 </dev/null &
pid=$!

url="" # the first line that the mock writes tells it
for ((tries = 0; tries < seconds * 10; tries++)); do
  [ -n "$url" ] || url="$(sed -nE 's/.*"url": ?"(https?:\/\/[0-9.]+:[0-9]+)".*"contract".*/\1/p' "$log" | head -n 1)"
  if [ -n "$url" ] && curl --fail --silent --insecure --output /dev/null "$url/_mock/health"; then
    break
  fi
  kill -0 "$pid" 2>/dev/null || fail "The mock has ended before it answered."
  sleep 0.1
done
[ "$tries" -lt $((seconds * 10)) ] || { kill "$pid"; fail "The mock didn't answer within $seconds seconds."; }

{ echo "url=$url"; echo "pid=$pid"; echo "log=$log"; } >>"$GITHUB_OUTPUT"
{ echo "MOCKSERVER_URL=$url"; echo "OL_URL=$url"; } >>"$GITHUB_ENV"
{
  echo "### Open Loyalty mock"
  echo
  echo "$(mockserver --version) answers at \`$url\`. It ends with the job."
} >>"$GITHUB_STEP_SUMMARY"
echo "The mock answers at $url"
