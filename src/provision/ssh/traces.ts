// What clusters leave on hosts, looked for when one was taken down.

import type { MachineConnection } from "../provider.ts";

/** Folders of the distributions; none of them belongs to a host that is no node. */
const folders = [
  ...["/etc/slipway", "/var/lib/slipway", "/opt/slipway", "/run/slipway"],
  ...["/etc/kubernetes", "/var/lib/kubelet", "/var/lib/etcd", "/etc/rancher", "/var/lib/rancher"],
];

const script = `
for path in "$@"; do
  [ ! -e "$path" ] || echo "$path"
done
for unit in /etc/systemd/system/slipway*.service /run/systemd/system/slipway*.service; do
  [ ! -e "$unit" ] || echo "unit \${unit##*/}"
done
for link in /sys/class/net/slw* /sys/class/net/cni0; do
  [ ! -e "$link" ] || echo "link \${link##*/}"
done
`;

/** One line each: "/var/lib/kubelet", "unit slipway-agent.service", "link slw0". */
export async function findTraces(connection: MachineConnection, signal: AbortSignal): Promise<string[]> {
  const { stdout } = await connection.exec(["sh", "-c", script, "sh", ...folders], { signal });
  return stdout.split("\n").filter((line) => line !== "");
}
