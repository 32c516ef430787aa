#!/bin/sh
# Prints a Python between 3.11 and 3.13; PYTHON names one to use instead.
set -eu
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
        command -v "$candidate"
        exit 0
    fi
done
echo 'set-up: no Python between 3.11 and 3.13 found; install one or name it with PYTHON=…' >&2
exit 1
