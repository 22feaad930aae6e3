#!/usr/bin/env bash
# Logs in and makes a call with the token, by curl and these options: login.sh BASE_URL [OPTION ...]
set -euo pipefail
base="$1"
shift
answer=$(curl -sS "$@" -w '\n%{http_code}' "$base/api/admin/login_check" -H 'Content-Type: application/json' \
  --data-binary '{"username":"admin","password":"password"}')
echo "login ${answer##*$'\n'}"
token=$(sed -n 's/.*"token":"\([^"]*\)".*/\1/p' <<<"$answer")
echo "call $(curl -sS "$@" -o /dev/null -w '%{http_code}' "$base/api/DEFAULT/webhook/event" -H "Authorization: Bearer $token")"
