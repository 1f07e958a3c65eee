// The runner: a few lines of POSIX shell that carry out commands in order on the machine itself, stop at the first that fails, and write
// the report. Every rendering runs its commands through it, so that a machine tells the same however it was told what to do.

import { bootstrapFolder, outputTailBytes, reportPath } from "../report.ts";
import { quoteShell } from "./quote-shell.ts";

/**
 * Functions for the lines behind it: `run TITLE CREATES COMMAND…` and `finish`; besides `fetch` and `start_unit`, commands for `run`. Needs only what every Linux with systemd has (coreutils, sed).
 */
export function renderRunner(descriptionHash: string): string {
  return String.raw`set -u
umask 022
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
export PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin"
folder=${quoteShell(bootstrapFolder)}
report=${quoteShell(reportPath)}
started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
commands=

mkdir -p "$folder"
chmod 700 "$folder"

# Milliseconds since the machine was started.
uptime_ms() {
  read -r seconds rest </proc/uptime
  echo $((${"${seconds%.*}"} * 1000 + 1${"${seconds#*.}"}0 - 1000))
}

# Standard input as a JSON string.
as_json() {
  printf '"%s"' "$(tr -d '\000-\010\013-\037\177' |
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/\t/\\t/g' | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n/\\n/g')"
}

# save STATE: the report, whole or not at all.
save() {
  (
    umask 077
    printf '{"description":"${descriptionHash}","state":"%s","startedAt":"%s","commands":[%s]}\n' \
      "$1" "$started" "$commands" >"$report.new"
  )
  mv "$report.new" "$report"
}

# note TITLE CODE MS [SKIPPED]: one more command in the report, with the end of its output.
note() {
  title=$(printf %s "$1" | as_json)
  output=$(tail -c ${outputTailBytes} "$folder/output" | as_json)
  commands="$commands${"${commands:+,}"}{\"title\":$title,\"exitCode\":$2,\"ms\":$3,\"output\":$output${"${4:-}"}}"
}

# run TITLE CREATES COMMAND…: ends the whole script where the command fails. Where CREATES is there, it ran before.
run() {
  name=$1 creates=$2
  shift 2
  if [ -n "$creates" ] && [ -e "$creates" ]; then
    : >"$folder/output"
    note "$name" 0 0 ',"skipped":true'
    save running
    return 0
  fi
  printf '» %s\n' "$name"
  begun=$(uptime_ms)
  code=0
  # Not the shell's own echo and test, but the programs.
  case $1 in fetch | install_packages | start_unit) ;; *) set -- env -- "$@" ;; esac
  "$@" >"$folder/output" 2>&1 </dev/null || code=$?
  cat "$folder/output"
  note "$name" "$code" "$(($(uptime_ms) - begun))"
  [ "$code" = 0 ] && save running && return 0
  save failed
  rm -f "$folder/output"
  printf '» %s: exit code %s\n' "$name" "$code"
  exit "$code"
}

finish() {
  save done
  rm -f "$folder/output"
  : >"$folder/${doneMark(descriptionHash)}"
}

# start_unit NAME: what it needs may just have been starting, so it gets a second try; then its journal says why.
start_unit() {
  systemctl enable --quiet "$1" && { systemctl start "$1" || systemctl start "$1"; } && return
  journalctl -u "$1" -n 12 -o cat --no-pager
  return 1
}

# download URL FILE
download() {
  if command -v curl >/dev/null; then
    curl -fsSL --retry 5 --retry-connrefused -o "$2" "$1"
  else
    wget -nv -O "$2" "$1"
  fi
}

# fetch URL PATH MODE DIGEST [CHECKSUMS NAME]: nothing where the file is there already; nothing else than what has the digest, which
# stands in the publisher's list where it is not known before.
fetch() {
  digest=$4
  mkdir -p "$(dirname "$2")"
  if [ -z "$digest" ]; then
    download "$5" "$folder/checksums" || return
    digest=$(tr -d '\r' <"$folder/checksums" | while read -r sum file; do
      case $file in '' | "$6" | "*$6" | */"$6") echo "$sum" && break ;; esac
    done)
    rm -f "$folder/checksums"
    [ -n "$digest" ] || { echo "no checksum of $6 in $5"; return 1; }
  fi
  echo "$digest  $2" | sha256sum -c --status 2>/dev/null && return 0
  download "$1" "$2.new" || return
  echo "$digest  $2.new" | sha256sum -c --quiet || { rm -f "$2.new"; return 1; }
  chmod "$3" "$2.new" && mv "$2.new" "$2"
}

save running
`;
}

/** A file of this name in the bootstrap's folder says that all of it was done. */
export function doneMark(descriptionHash: string): string {
  return `done-${descriptionHash.slice(0, 16)}`;
}
