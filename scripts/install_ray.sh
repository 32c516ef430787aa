#!/bin/sh
# Adds Ray to .venv from requirements-ray.lock, for those who let a fleet of their own work, and for its tests.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes --no-deps \
    --requirement requirements-ray.lock
echo "$(.venv/bin/python -c 'import importlib.metadata as m; print("Ray", m.version("ray"))')"
