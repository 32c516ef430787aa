#!/bin/sh
# Puts the compiler where py-solc-x looks for it: .solcx/solc-v<version>, answering --version without starting node,
# because Brownie asks for it some fifty times in one compile.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
full=$(node "$root/scripts/solc.cjs" --version | sed -n 's/^Version: //p')
name="solc-v${full%%+*}"
mkdir -p "$root/.solcx"
cat > "$root/.solcx/$name.new" <<SHIM
#!/bin/sh
if [ "\$1" = --version ]; then
    echo 'solc, the solidity compiler commandline interface'
    echo 'Version: $full'
    exit 0
fi
exec node "\$(dirname "\$0")/../scripts/solc.cjs" "\$@"
SHIM
chmod +x "$root/.solcx/$name.new"
mv "$root/.solcx/$name.new" "$root/.solcx/$name"
echo "compiler ready: .solcx/$name"
