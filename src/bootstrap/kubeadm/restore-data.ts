// How saved data takes the place of that of the etcd that kubeadm runs on control planes. All lies within etcd's own folder, which may be a
// file system of its own. What was there before is kept until the API servers answer again.
// https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/

import { basename } from "node:path";
import type { ClusterConfig } from "#config";
import type { DataRestore, RestoreOptions } from "../distribution.ts";
import { memberArguments, onAll, removeFolders } from "../host/data-restore.ts";
import type { CommandSpec } from "../machine-description.ts";
import { kubeadmOptions } from "./cluster-configuration.ts";
import { heldManifests, kubeadmFolder, manifestsFolder } from "./paths.ts";
import { apiServerPods, startApiServer, startEtcd, stopPods } from "./static-pods.ts";

const arrivalFolder = `${kubeadmFolder}/arrived-data`;
const toolsFolder = `${kubeadmFolder}/etcd-tools`;

export function describeKubeadmRestore(config: ClusterConfig, options: RestoreOptions): DataRestore {
  const { dataDir } = kubeadmOptions(config).etcd;
  const [restored, replaced] = [`${dataDir}/slipway-restored`, `${dataDir}/slipway-replaced`];
  return {
    engine: "etcd",
    arrivalFolder,
    prepare: (machine, file) => [
      removeFolders("what an earlier restore has left", restored),
      takeTools,
      {
        title: `Make ${basename(file)} the data of a new etcd member`,
        argv: [
          ...["sh", "-ec", restoreScript, "sh", toolsFolder],
          ...memberArguments(machine, { file, data: restored }, options),
        ],
      },
    ],
    phases: [
      onAll(stopPods(apiServerPods)),
      onAll(stopPods(["etcd"])),
      onAll(exchange(dataDir, restored, replaced)),
      // None answers before most of them run.
      onAll(startEtcd()),
      { commands: (machine) => [startApiServer(config, machine)] },
      onAll(removeFolders("what was there before", replaced, toolsFolder, arrivalFolder)),
    ],
  };
}

/** Of the very etcd that is to read the data: the programs in its image, which need nothing else. */
const takeTools: CommandSpec = {
  title: "Take etcd's tools out of its image",
  argv: [
    "sh",
    "-ec",
    `tools=$1
shift
image=
for manifest in "$@"; do
  [ ! -e "$manifest" ] || image=$(sed -n 's/^[ -]*image: *//p' "$manifest" | tr -d "\\"'" | head -n 1)
  [ -z "$image" ] || break
done
[ -n "$image" ] || { echo "this machine has no manifest of etcd" >&2; exit 1; }
ctr -n k8s.io images unmount --rm "$tools/image" >/dev/null 2>&1 || true
rm -rf "$tools"
mkdir -p "$tools/image"
ctr -n k8s.io images mount "$image" "$tools/image"
trap 'ctr -n k8s.io images unmount --rm "$tools/image"' EXIT
trap 'exit 1' HUP INT TERM
for name in etcdutl etcdctl; do
  [ ! -e "$tools/image/usr/local/bin/$name" ] || cp "$tools/image/usr/local/bin/$name" "$tools/$name"
done`,
    "sh",
    toolsFolder,
    `${manifestsFolder}/etcd.yaml`,
    `${heldManifests}/etcd.yaml`,
  ],
};

/** Before etcd 3.6 either of them can; since then etcdctl cannot. */
const restoreScript = `tools=$1
shift
for tool in "$tools/etcdutl" "$tools/etcdctl" "$(command -v etcdutl || true)"; do
  [ -x "$tool" ] && "$tool" snapshot restore --help 2>&1 | grep -q -e --data-dir || continue
  exec "$tool" "$@"
done
echo "neither etcd's image nor this machine has an etcdutl, which restores snapshots" >&2
exit 1`;

/** What was there first stays, however often this is run. Whom it belongs to is kept: etcd need not run as root. */
function exchange(dataDir: string, restored: string, replaced: string): CommandSpec {
  const script = `if [ -e "$1" ]; then
  if [ -e "$3" ]; then rm -rf "$1"; else mv "$1" "$3"; fi
fi
mv "$2/member" "$1"
[ ! -e "$3" ] || chown -R --reference="$3" "$1"
rm -rf "$2"`;
  return {
    title: "Put the data in its place",
    argv: ["sh", "-ec", script, "sh", `${dataDir}/member`, restored, replaced],
  };
}
