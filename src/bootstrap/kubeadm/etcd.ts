// What is asked of the etcd that kubeadm runs on control planes, by the etcdctl in its own container. Nothing where etcd is one's own.

import type { ClusterConfig } from "#config";
import type { BootstrapInput } from "../distribution.ts";
import type { CommandSpec, MachineDescription } from "../machine-description.ts";
import { kubeadmOptions } from "./cluster-configuration.ts";
import { etcdctl } from "./shell-functions.ts";

/** Run on another control plane before one goes: the member that bears the machine's name leaves. */
export function describeKubeadmLeave({
  config,
  machine,
}: Pick<BootstrapInput, "config" | "machine">): MachineDescription {
  const none: MachineDescription = { files: [], commands: [], units: [] };
  if (config.controlPlane.etcd || machine.role !== "control-plane") return none;
  const argv = ["sh", "-ec", leaveScript, "sh", machine.name];
  return { ...none, commands: [{ title: `Take ${machine.name} out of etcd`, argv }] };
}

/** The container sees its data folder where the machine has it. */
export function describeKubeadmSnapshot(config: ClusterConfig, file: string): readonly CommandSpec[] {
  if (config.controlPlane.etcd) return [];
  const there = `${kubeadmOptions(config).etcd.dataDir}/slipway.snapshot`;
  return [{ title: "Save etcd's data", argv: ["sh", "-ec", saveScript, "sh", there, file] }];
}

const leaveScript = `${etcdctl}id=$(etcd member list | sed -n "s/^\\([0-9a-f]*\\), [a-z]*, $1, .*/\\1/p")
[ -z "$id" ] || etcd member remove "$id"`;

const saveScript = `${etcdctl}rm -f "$1" "$1.part"
etcd snapshot save "$1"
mv -f "$1" "$2"`;
