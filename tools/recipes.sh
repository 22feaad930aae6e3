#!/usr/bin/env bash
# Holds the files of recipes/, actions/ and templates/ against the schemas of GitHub Actions, GitLab CI and Compose that
# check-jsonschema comes with.
# Without a package index it says that it is skipped, once it isn't installed under tools/.cache.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=tools/.cache/recipes

if ! said="$(bash tools/pinned/install_python_tools.sh recipes 2>&1)"; then
  printf '%s\n' "$said" | grep -qE 'Connection|No matching distribution' || { printf '%s\n' "$said" >&2; exit 1; }
  echo "SKIPPED: the recipes weren't checked, as check-jsonschema can't be had: $(printf '%s\n' "$said" | tail -n 1)"
  exit 0
fi

"$venv/bin/check-jsonschema" --builtin-schema vendor.github-workflows recipes/github-actions.yml
"$venv/bin/check-jsonschema" --builtin-schema vendor.gitlab-ci recipes/gitlab-ci.yml
"$venv/bin/check-jsonschema" --builtin-schema vendor.github-actions actions/*/action.yml
"$venv/bin/check-jsonschema" --builtin-schema vendor.compose-spec recipes/compose.yaml recipes/cluster/compose.yaml

# A component of GitLab is two documents: what it can be given, and its jobs.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
for template in templates/*.yml; do
  name="$work/$(basename "$template" .yml)"
  sed -n '1,/^---$/p' "$template" | sed '$d' >"$name.head.yml"
  sed '1,/^---$/d' "$template" >"$name.jobs.yml"
done
"$venv/bin/check-jsonschema" --builtin-schema vendor.gitlab-ci "$work"/*.yml
