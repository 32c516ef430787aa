#!/bin/sh
# Resolves pyproject.toml and every requirements-*.in for every supported Python, and package.json; writes the lock files.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
uv=$(command -v uv || true)
if [ -z "$uv" ]; then
    "$(scripts/find_python.sh)" -m venv .tools/uv
    .tools/uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5'
    uv=.tools/uv/bin/uv
fi
# every extra but ray, which is large and has a lock of its own
extras=$(sed -n '/^\[project.optional-dependencies\]/,/^$/s/^\([a-z]*\) = \[.*/--extra \1/p' pyproject.toml | grep -v -w ray | tr '\n' ' ')
UV_CACHE_DIR="$root/.tools/uv-cache" "$uv" pip compile --quiet --universal --python-version 3.11 $extras \
    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
    "$@" pyproject.toml --output-file requirements.lock
UV_CACHE_DIR="$root/.tools/uv-cache" "$uv" pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
    "$@" requirements-audit.in --output-file requirements-audit.lock
UV_CACHE_DIR="$root/.tools/uv-cache" "$uv" pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
    "$@" requirements-docs.in --output-file requirements-docs.lock
UV_CACHE_DIR="$root/.tools/uv-cache" "$uv" pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
    "$@" requirements-fuzz.in --output-file requirements-fuzz.lock
UV_CACHE_DIR="$root/.tools/uv-cache" "$uv" pip compile --quiet --universal --python-version 3.11 --constraint requirements.lock \
    --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
    "$@" requirements-ray.in --output-file requirements-ray.lock
npm install --package-lock-only --loglevel=error --cache "$root/.tools/npm"
node scripts/complete_lock.cjs
rm -rf "$root/.tools/uv-cache" "$root/.tools/npm"
if grep -nE 'https?://' requirements.lock requirements-audit.lock requirements-docs.lock requirements-fuzz.lock requirements-ray.lock || grep -n '"resolved"' package-lock.json; then
    echo 'make lock: a lock file names a registry' >&2
    exit 1
fi
