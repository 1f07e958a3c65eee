// How saved data takes the place of that of the etcd inside k3s: the first server begins a new etcd cluster of it, by k3s' own cluster reset,
// and the others join it anew without what they had. https://docs.k3s.io/cli/etcd-snapshot

import { join } from "node:path";
import type { ClusterConfig } from "#config";
import type { BootstrapMachine, DataRestore, RestoreOptions } from "../distribution.ts";
import { onAll, removeFolders, startUnit, stopUnit } from "../host/data-restore.ts";
import type { CommandSpec } from "../machine-description.ts";
import { unitName } from "./machine.ts";
import { configFile, k3sFolder, k3sOptions, programFile } from "./paths.ts";

const arrivalFolder = `${k3sFolder}/arrived-data`;

export function describeK3sRestore(config: ClusterConfig, { controlPlanes }: RestoreOptions): DataRestore {
  const data = `${k3sOptions(config).dataDir}/server/db`;
  const replaced = `${data}-replaced`;
  const unit = unitName(true);
  const isFirst = ({ name }: BootstrapMachine) => name === controlPlanes[0]?.name;
  return {
    engine: "etcd",
    arrivalFolder,
    // Under a name that is known afterwards.
    prepare: (_machine, file) => [
      { title: "Make the data ready", argv: ["mv", "-f", "--", file, join(arrivalFolder, snapshotName)] },
    ],
    phases: [
      onAll(stopUnit(unit)),
      { commands: (machine) => (isFirst(machine) ? [reset] : []) },
      { commands: (machine) => (isFirst(machine) ? [startUnit(unit)] : []) },
      // etcd takes in one at a time.
      { commands: (machine) => (isFirst(machine) ? [] : [setAside(data, replaced), startUnit(unit)]), inTurn: true },
      onAll(removeFolders("what was there before", replaced, arrivalFolder)),
    ],
  };
}

const snapshotName = "restored.snapshot";

/**
 * k3s keeps what was there, as etcd-old-<time>. A server that joined another names it in its configuration, and k3s resets none that does.
 * Where etcd does not come up k3s waits for ever.
 */
const reset: CommandSpec = {
  title: "Begin a new etcd cluster with the data: k3s server --cluster-reset",
  argv: [
    "sh",
    "-ec",
    `program=$1 config=$2 file=$3 own=$4
set --
if grep -q '^server:' "$config"; then
  umask 077
  sed '/^server:/d' "$config" >"$own"
  set -- --config "$own"
fi
timeout -k 30 900 "$program" server "$@" --cluster-reset --cluster-reset-restore-path="$file"
rm -f "$own"`,
    "sh",
    programFile,
    configFile,
    join(arrivalFolder, snapshotName),
    join(arrivalFolder, "config.yaml"),
  ],
};

/** What was there first stays, however often this is run. Snapshots that k3s made by its own schedule are kept in their place. */
function setAside(data: string, replaced: string): CommandSpec {
  const script = `if [ -e "$2" ]; then rm -rf "$1/etcd"; elif [ -e "$1" ]; then mv "$1" "$2"; fi
if [ -e "$2/snapshots" ] && [ ! -e "$1/snapshots" ]; then
  mkdir -p "$1"
  chmod 0700 "$1"
  mv "$2/snapshots" "$1/"
fi`;
  return { title: "Set aside what this server had", argv: ["sh", "-ec", script, "sh", data, replaced] };
}
