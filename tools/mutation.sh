#!/usr/bin/env bash
# Changes the code in one small way after the other, and shows which changes no test notices:
#
#   tools/mutation.sh [NAME...]      all that [tool.mutmut] in pyproject.toml names, or some: 'mockserver.signing*'
#
# MINUTES (60) is how long it may take; the next call goes on where this one ended. It works on a copy of the checkout
# under tools/.cache, with mutmut in an environment of its own, which sees the packages of .venv.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
cache="$PWD/tools/.cache" python="$PWD/.venv/bin/python"
venv="$cache/mutation" copy="$cache/mutated"

bash tools/pinned/install_python_tools.sh mutation
"$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
  >"$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/project.pth"

mkdir -p "$copy"
git ls-files -z | tar --create --null --files-from - | tar --extract --directory "$copy"
cd "$copy"
code=0
timeout "${MINUTES:-60}m" "$venv/bin/python" -m mutmut run --max-children "${JOBS:-1}" "$@" >"$cache/mutation.log" || code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 124 ] || { tail -n 30 "$cache/mutation.log" >&2; exit "$code"; }
"$venv/bin/python" -m mutmut results --all true | sed 's/^ *//' | sort >"$cache/mutation.txt"
grep -E ': (survived|timeout|suspicious|no tests)$' "$cache/mutation.txt" || true
echo
sed 's/.*: //' "$cache/mutation.txt" | sort | uniq -c
echo "One in full: cd $copy && $venv/bin/python -m mutmut show NAME"
