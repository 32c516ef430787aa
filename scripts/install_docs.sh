#!/bin/sh
# Builds .tools/docs from requirements-docs.lock: what renders the documentation lives apart from .venv.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
python=$(scripts/find_python.sh)
[ -x .tools/docs/bin/python ] || "$python" -m venv .tools/docs
echo 'site: Python packages of mkdocs-material …'
.tools/docs/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
    --requirement requirements-docs.lock
