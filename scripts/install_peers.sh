#!/bin/bash
# Brings the foreign peers of the interop tests into .tools and tests/integration: a pinned Kubo, built where Go is
# present, the JavaScript peers with a pinned Node.js 22, and Ray. With THENAR_SYSTEM_PACKAGES=1 and as root also what
# only the system can have: processors to emulate and a browser. Whatever cannot be had is said in one line; nothing fails.
set -u
kubo=v0.40.1
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
mkdir -p .tools/bin build/test

install_kubo() {
    if [ -x .tools/bin/ipfs ]; then echo "interop: $(.tools/bin/ipfs version)"; return; fi
    if ! command -v go >/dev/null; then echo 'interop: no Kubo, because Go is not installed'; return; fi
    # A module of its own: `go install …@version` also asks the proxy for the list of versions, which some refuse.
    mkdir -p .tools/kubo
    printf 'module peers\n\ngo 1.25\n\nrequire github.com/ipfs/kubo %s\n' "$kubo" > .tools/kubo/go.mod
    echo "interop: building Kubo $kubo with $(go env GOVERSION), which takes some minutes …"
    if (cd .tools/kubo && CGO_ENABLED=0 GOBIN="$root/.tools/bin" GOFLAGS=-mod=mod GOPATH="$root/.tools/go" GOCACHE="$root/.tools/go-build" \
        go install -trimpath github.com/ipfs/kubo/cmd/ipfs) > build/test/kubo.log 2>&1; then
        GOFLAGS=-modcacherw GOPATH="$root/.tools/go" go clean -modcache 2>/dev/null
        rm -rf .tools/kubo .tools/go-build .tools/go
        echo "interop: $(.tools/bin/ipfs version)"
    else
        echo "interop: no Kubo, because it did not build: $(tail -n 1 build/test/kubo.log)"
    fi
}

install_javascript() {
    local found=0 folder node
    for manifest in tests/integration/*/package.json; do
        [ -e "$manifest" ] || continue
        found=1
        folder=$(dirname "$manifest")
        if npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error --cache "$root/.tools/npm" \
            > "build/test/$(basename "$folder").npm.log" 2>&1; then
            echo "interop: $folder is ready"
            # the npm package holds the plain program; its installer script is not needed
            node=$(find "$root/$folder/node_modules" -path "*/node-$(node -p 'process.platform + "-" + process.arch')/bin/node" 2>/dev/null | head -n 1)
            if [ -n "$node" ]; then ln -sf "$node" .tools/bin/node22; fi
        else
            echo "interop: no JavaScript peer in $folder, because npm failed: $(grep -m 1 'npm error' "build/test/$(basename "$folder").npm.log")"
        fi
    done
    rm -rf .tools/npm
    if [ "$found" = 0 ]; then echo 'interop: no JavaScript peers in tests/integration'; fi
    if [ -x .tools/bin/node22 ]; then echo "interop: node $(.tools/bin/node22 --version) for the JavaScript peers"; fi
}

install_system_packages() {
    local wanted=()
    command -v qemu-x86_64 >/dev/null || wanted+=(qemu-user)
    command -v chromium >/dev/null || wanted+=(chromium)
    if [ ${#wanted[@]} = 0 ]; then echo "interop: emulated processors and a browser are there"; return; fi
    if [ -z "${THENAR_SYSTEM_PACKAGES:-}" ] || ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
        echo "interop: without ${wanted[*]}, which only your system's package manager can install"
        return
    fi
    if (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${wanted[@]}") > build/test/apt.log 2>&1; then
        echo "interop: ${wanted[*]} installed"
    else
        echo "interop: without ${wanted[*]}, because apt-get failed: $(tail -n 1 build/test/apt.log)"
    fi
}

install_fleet() {
    if scripts/install_ray.sh > build/test/ray.log 2>&1; then
        echo "interop: $(tail -n 1 build/test/ray.log)"
    else
        echo "interop: no fleet, because Ray cannot be installed: $(tail -n 1 build/test/ray.log)"
    fi
}

install_kubo
install_javascript
install_system_packages
install_fleet
exit 0
