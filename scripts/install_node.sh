#!/bin/sh
# Fills node_modules from package-lock.json: compiler, chain, linters and OpenZeppelin's contracts.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
if [ -L node_modules ]; then
    echo 'set-up: node_modules is a link; left as it is'
    exit 0
fi
if ! command -v node >/dev/null || ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)'; then
    echo 'set-up: Node.js 20 or newer is needed' >&2
    exit 1
fi
echo "set-up: contract tools for node $(node --version) …"
npm ci --loglevel=error --no-update-notifier --cache "$root/.tools/npm"
rm -rf "$root/.tools/npm"
