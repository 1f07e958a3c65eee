// The data of a k3s cluster as a file: what its own `k3s etcd-snapshot save` makes, under a name that is known.

import type { ClusterConfig } from "#config";
import type { CommandSpec } from "../machine-description.ts";
import { k3sFolder, programFile } from "./paths.ts";

/** None where the data is in an etcd of one's own. k3s reads its configuration itself. */
export function describeK3sSnapshot(config: ClusterConfig, file: string): readonly CommandSpec[] {
  if (config.controlPlane.etcd) return [];
  const argv = ["sh", "-ec", saveScript, "sh", programFile, `${k3sFolder}/snapshot`, file];
  return [{ title: "Save etcd's data", argv }];
}

/** It adds the node and the time to the name. */
const saveScript = `rm -rf "$2"
mkdir -m 0700 "$2"
"$1" etcd-snapshot save --name slipway --etcd-snapshot-dir "$2"
mv -f "$2"/slipway-* "$3"
rm -rf "$2"`;
