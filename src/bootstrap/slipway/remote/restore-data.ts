// How saved data takes the place of a control plane's on machines of distribution "slipway". Pods run on meanwhile: only API servers, and
// etcd where it runs on the control planes, are stopped. What was there before is kept until the API serves again.

import { basename, join } from "node:path";
import type { ClusterConfig } from "#config";
import type { DataRestore, RestoreOptions } from "../../distribution.ts";
import { memberArguments, onAll, removeFolders, startUnit, stopUnit } from "../../host/data-restore.ts";
import type { CommandSpec } from "../../machine-description.ts";
import { usesOwnEtcd } from "./describe-settings.ts";
import { machinePaths, unitNames } from "./machine-paths.ts";

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
      onAll(stopUnit(unitNames.controlPlane)),
      onAll(exchange(store)),
      onAll(startUnit(unitNames.controlPlane)),
      onAll(removeFolders("what was there before", replaced(store))),
    ],
  };
}

function etcdRestore(options: RestoreOptions): DataRestore {
  const { etcdData, state } = machinePaths;
  const arrivalFolder = join(state, "arrived-data");
  return {
    engine: "etcd",
    arrivalFolder,
    prepare: (machine, file) => [
      removeFolders("what an earlier restore has left", restored(etcdData)),
      {
        title: `Make ${basename(file)} the data of a new etcd member`,
        // Newer ones have it in another program.
        argv: [
          ...["sh", "-c", 'tool=etcdctl; command -v etcdutl >/dev/null && tool=etcdutl; exec "$tool" "$@"', "sh"],
          ...memberArguments(machine, { file, data: restored(etcdData) }, options),
        ],
      },
    ],
    phases: [
      onAll(stopUnit(unitNames.controlPlane)),
      onAll(stopUnit(unitNames.etcd)),
      onAll(exchange(etcdData)),
      // None is ready before most are.
      onAll(startUnit(unitNames.etcd)),
      onAll(startUnit(unitNames.controlPlane)),
      onAll(removeFolders("what was there before", replaced(etcdData), arrivalFolder)),
    ],
  };
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

function restored(folder: string): string {
  return `${folder}-restored`;
}

function replaced(folder: string): string {
  return `${folder}-replaced`;
}
