#!/bin/sh
# Builds .tools/audit from requirements-audit.lock: slither and halmos bring an older web3, so they live apart from .venv.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
python=$(scripts/find_python.sh)
[ -x .tools/audit/bin/python ] || "$python" -m venv .tools/audit
echo 'audit: Python packages of slither and halmos …'
.tools/audit/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
    --requirement requirements-audit.lock
