#!/bin/sh
# Builds .venv from requirements.lock; every file is checked against its hash. Nothing is kept outside the checkout.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
if [ -L .venv ]; then
    echo 'set-up: .venv is a link; left as it is'
    exit 0
fi
python=$(scripts/find_python.sh)
if [ -x .venv/bin/python ] && ! .venv/bin/python -c '' 2>/dev/null; then rm -rf .venv; fi
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "set-up: Python packages for $(.venv/bin/python --version) …"
# Brownie's compiled wheel breaks its own stateful tests, coverage and network settings, so Brownie is built plain.
# pip's cache does not tell the two builds apart: no cache. The lock is complete, and overrides one pin: no resolving.
BROWNIE_NOCOMPILE=1 .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
    --no-binary eth-brownie --requirement requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps --no-build-isolation --editable .
if find .venv/lib -path '*/brownie/*.so' | grep -q .; then
    echo 'set-up: Brownie was installed with compiled modules; remove .venv and run make setup again' >&2
    exit 1
fi
