#!/bin/sh
# Builds .tools/fuzz from requirements-fuzz.lock: schemathesis wants a newer hypothesis than Brownie pins, so it lives apart from .venv.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
python=$(scripts/find_python.sh)
[ -x .tools/fuzz/bin/python ] || "$python" -m venv .tools/fuzz
echo 'fuzz: Python packages of schemathesis …'
.tools/fuzz/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
    --requirement requirements-fuzz.lock
