#!/usr/bin/env bash
# Sets up an environment inside this folder and runs scope3 in it.
#
#   ./run_local.sh                           run the main job on examples/ into the embedded PostgreSQL
#   ./run_local.sh COMMAND ...               run scope3 COMMAND, in the folder that you are in
#   ./run_local.sh test [pytest arguments]   install what the tests need and run them
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
venv=$project/.venv
log=$project/.scope3/setup.log

fail() {
    printf 'run_local.sh: %s\n' "$1" >&2
    exit 1
}

find_python() {
    local name
    for name in python3.12 python3.11 python3.13 python3.10 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            printf '%s' "$name"
            return
        fi
    done
    fail "no Python 3.10 to 3.13 with venv was found; install one, for example with: apt-get install python3 python3-venv"
}

# Installs a file of pinned requirements, once; the stamp holds what is installed.
install() {
    local requirements=$project/$1 stamp=$venv/$1.stamp wanted
    wanted=$(cksum "$requirements" "$project/setup.py")
    if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    mkdir -p "$project/.scope3" 2>/dev/null && : >"$log" 2>/dev/null || fail "$project can't be written; copy the project to a folder of yours"
    if [ ! -x "$venv/bin/python" ] || [ ! -e "$venv/made" ]; then
        rm -rf "$venv"
        printf 'Making the environment in %s (about a minute, once)\n' "$venv" >&2
        "$(find_python)" -m venv "$venv" >>"$log" 2>&1 || fail "the environment can't be made in $venv; $log says why (is the disk full?)"
        "$venv/bin/python" -m pip install -q uv >>"$log" 2>&1 || true
        : >"$venv/made"
    fi
    printf 'Installing %s\n' "$1" >&2
    # Compiled now: where bytecode is never written, each start would cost three seconds more.
    if [ -x "$venv/bin/uv" ]; then
        "$venv/bin/uv" pip install -q --compile-bytecode --python "$venv/bin/python" -r "$requirements" >>"$log" 2>&1
    else
        "$venv/bin/python" -m pip install -q -r "$requirements" >>"$log" 2>&1
    fi || fail "the packages of $1 can't be installed; $log says why (no network, or a full disk?)"
    if [ -x "$venv/bin/uv" ]; then
        "$venv/bin/uv" pip install -q --no-deps --python "$venv/bin/python" -e "$project" >>"$log" 2>&1
    else
        "$venv/bin/python" -m pip install -q --no-deps -e "$project" >>"$log" 2>&1
    fi || fail "the project can't be installed into $venv; $log says why (no network, or a full disk?)"
    printf '%s' "$wanted" >"$stamp"
}

# Where the home folder can't be written, downloads are kept here.
cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}
if ! { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null; then
    export UV_CACHE_DIR=$project/.scope3/cache/uv PIP_CACHE_DIR=$project/.scope3/cache/pip
fi

# gRPC talks to localhost only; a proxy has no part in that.
export no_proxy="${no_proxy:+$no_proxy,}localhost,127.0.0.1" NO_PROXY="${NO_PROXY:+$NO_PROXY,}localhost,127.0.0.1"

if [ "${1:-}" = test ]; then
    shift
    install requirements-test.txt
    cd "$project"
    exec "$venv/bin/python" -m pytest --numprocesses=logical --dist=loadgroup "$@"
fi

if [ ! -e "$venv/requirements-test.txt.stamp" ]; then
    install requirements.txt
fi
export SCOPE3_FRONT_DOOR=1
if [ $# -gt 0 ]; then
    exec "$venv/bin/scope3" "$@"
fi
cd "$project"
"$venv/bin/scope3" run --input examples/federal_contracts.csv --mapping examples/federal_contracts.toml \
    --inventory example-contracts --credit_notes net
echo
echo "Records of all fifteen categories (made up, see examples/README.md)"
exec "$venv/bin/scope3" run --quiet --input 'examples/*.jsonl' \
    examples/{capital_goods,fuel_and_energy,upstream_transport,waste,commuting,upstream_leased,downstream_transport,downstream_leased}.csv \
    --factors examples/own_factors.csv default --inventory example-categories
