#!/bin/sh
# Resolves pyproject.toml for every supported Python and package.json, and writes both lock files.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    "$(scripts/find_python.sh)" -m venv .tools/uv
    .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'
    uv=.tools/uv/bin/uv
fi
UV_CACHE_DIR="$root/.tools/uv-cache" "$uv" pip compile --quiet --universal --python-version 3.11 --all-extras \
    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
    "$@" pyproject.toml --output-file requirements.lock
npm install --package-lock-only --loglevel=error --cache "$root/.tools/npm"
node scripts/complete_lock.cjs
rm -rf "$root/.tools/uv-cache" "$root/.tools/npm"
if grep -nE 'https?://' requirements.lock || grep -n '"resolved"' package-lock.json; then
    echo 'make lock: a lock file names a registry' >&2
    exit 1
fi
