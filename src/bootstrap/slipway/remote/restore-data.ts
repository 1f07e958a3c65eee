// How saved data takes the place of a control plane's on machines of distribution "slipway". Pods run on meanwhile: only API servers, and
// etcd where it runs on the control planes, are stopped. What was there before is kept until the API serves again.

import { basename, join } from "node:path";
import type { ClusterConfig } from "#config";
import type { BootstrapMachine, DataRestore } from "../../distribution.ts";
import type { CommandSpec } from "../../machine-description.ts";
import { usesOwnEtcd } from "./describe-settings.ts";
import { peerUrl } from "./etcd-config.ts";
import { machinePaths, unitNames } from "./machine-paths.ts";

export interface RestoreOptions {
  readonly controlPlanes: readonly BootstrapMachine[];
  readonly token: string;
}

export function describeSlipwayRestore(config: ClusterConfig, options: RestoreOptions): DataRestore {
  return usesOwnEtcd(config) ? etcdRestore(options) : embeddedRestore();
}

/** The file is a store already: whoever sends it has made it so. */
function embeddedRestore(): DataRestore {
  const { store } = machinePaths;
  return {
    engine: "embedded",
    arrivalFolder: restored(store),
    prepare: () => [],
    phases: [
      [stop(unitNames.controlPlane)],
      [exchange(store)],
      [start(unitNames.controlPlane)],
      [remove("what was there before", replaced(store))],
    ],
  };
}

/** A new etcd cluster of new members that all begin with the same data: none of the old ones takes them for its own. */
function etcdRestore({ controlPlanes, token }: RestoreOptions): DataRestore {
  const { etcdData, state } = machinePaths;
  const arrivalFolder = join(state, "arrived-data");
  const members = controlPlanes.map(({ name, address }) => `${name}=${peerUrl(address!)}`).join(",");
  return {
    engine: "etcd",
    arrivalFolder,
    prepare: ({ name, address }, file) => [
      remove("what an earlier restore has left", restored(etcdData)),
      {
        title: `Make ${basename(file)} the data of a new etcd member`,
        // Newer ones have it in another program.
        argv: [
          ...["sh", "-c", 'tool=etcdctl; command -v etcdutl >/dev/null && tool=etcdutl; exec "$tool" "$@"', "sh"],
          ...["snapshot", "restore", file, "--data-dir", restored(etcdData), "--name", name],
          ...["--initial-cluster", members, "--initial-cluster-token", token],
          ...["--initial-advertise-peer-urls", peerUrl(address!)],
        ],
      },
    ],
    phases: [
      [stop(unitNames.controlPlane)],
      [stop(unitNames.etcd)],
      [exchange(etcdData)],
      // None is ready before most are.
      [start(unitNames.etcd)],
      [start(unitNames.controlPlane)],
      [remove("what was there before", replaced(etcdData), arrivalFolder)],
    ],
  };
}

function stop(unit: string): CommandSpec {
  return { title: `Stop ${unit}`, argv: ["systemctl", "stop", unit] };
}

/** Twice where it is not ready in time: systemd tries again, too. */
function start(unit: string): CommandSpec {
  return { title: `Start ${unit}`, argv: ["sh", "-c", 'systemctl start "$1" || systemctl start "$1"', "sh", unit] };
}

function exchange(folder: string): CommandSpec {
  const script = `set -e
if [ -e "$1" ]; then rm -rf "$3"; mv "$1" "$3"; fi
mv "$2" "$1"
chmod 0700 "$1"`;
  return {
    title: "Put the data in its place",
    argv: ["sh", "-c", script, "sh", folder, restored(folder), replaced(folder)],
  };
}

function remove(what: string, ...folders: readonly string[]): CommandSpec {
  return { title: `Remove ${what}`, argv: ["rm", "-rf", "--", ...folders] };
}

function restored(folder: string): string {
  return `${folder}-restored`;
}

function replaced(folder: string): string {
  return `${folder}-replaced`;
}
