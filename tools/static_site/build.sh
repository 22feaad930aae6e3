#!/usr/bin/env bash
# Makes the site: site/index.html, with Sphinx in an environment of its own under tools/.cache. Any warning fails it.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cache="$PWD/tools/.cache" python="$PWD/.venv/bin/python"
venv="$cache/site" sources="$cache/site-sources"

bash tools/pinned/install_python_tools.sh site

"$python" -m tools.static_site "$sources"
mkdir "$sources/_static"
cp tools/static_site/conf.py "$sources"
cp tools/static_site/site.css tools/static_site/icon.svg "$sources/_static"
rm -rf site
PYTHONPATH="$PWD" "$venv/bin/sphinx-build" -q -W --keep-going -j 2 -d "$cache/site-doctrees" "$sources" site
rm -rf site/.buildinfo site/.doctrees site/_sources site/objects.inv
echo "site/index.html: $(find site -name '*.html' | wc -l) pages"
