// What the distributions' ways to put saved data in place have in common: phases that are the same everywhere, units, and a member of a new
// etcd cluster made of a snapshot.

import type { BootstrapMachine, RestoreOptions, RestorePhase } from "../distribution.ts";
import type { CommandSpec } from "../machine-description.ts";
import { peerUrl } from "../slipway/remote/etcd-config.ts";

/** All control planes do the same, side by side. */
export function onAll(...commands: readonly CommandSpec[]): RestorePhase {
  return { commands: () => commands };
}

export function stopUnit(unit: string): CommandSpec {
  return { title: `Stop ${unit}`, argv: ["systemctl", "stop", unit] };
}

/** Ends when the unit says that it is ready. Twice where it is not in time: systemd tries again, too. */
export function startUnit(unit: string): CommandSpec {
  return { title: `Start ${unit}`, argv: ["sh", "-c", 'systemctl start "$1" || systemctl start "$1"', "sh", unit] };
}

export function removeFolders(what: string, ...folders: readonly string[]): CommandSpec {
  return { title: `Remove ${what}`, argv: ["rm", "-rf", "--", ...folders] };
}

/**
 * What etcdutl (before etcd 3.5: etcdctl) is told to make of a snapshot the folder `data` of one member. All members of a new cluster begin
 * with the same data and know each other; none of the old ones takes them for its own.
 */
export function memberArguments(
  { name, address }: BootstrapMachine,
  { file, data }: { readonly file: string; readonly data: string },
  { controlPlanes, token }: RestoreOptions,
): string[] {
  const members = controlPlanes.map((machine) => `${machine.name}=${peerUrl(machine.address!)}`).join(",");
  return [
    ...["snapshot", "restore", file, "--data-dir", data, "--name", name],
    ...["--initial-cluster", members, "--initial-cluster-token", token],
    ...["--initial-advertise-peer-urls", peerUrl(address!)],
  ];
}
