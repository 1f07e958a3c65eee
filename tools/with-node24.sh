#!/bin/sh
# Runs one of the project's own TypeScript tools with Node 24 and the npm packages in place: with-node24.sh FILE [ARG…]
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tools/prepare.sh"
cd "$root" && exec "$node" "$@"
