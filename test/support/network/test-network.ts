// A small cluster's network for tests, without a cluster: machines on a bridge, pods behind them, each a network namespace. Everything
// is named after the test's process and goes with it.

import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Exec, exec, removeIfExists } from "#shared";
import { type Peer, startPeer } from "./peer.ts";

export interface TestMachine {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly podCIDR: string;
  /** Runs programs in the machine. */
  readonly exec: Exec;
}

export interface TestPod {
  readonly namespace: string;
  readonly address: string;
  readonly peer: Peer;
}

export interface TestNetwork {
  readonly bridge: string;
  /** The host's address on the bridge. */
  readonly gateway: string;
  addMachine(name: string): Promise<TestMachine>;
  /** A namespace behind the machine as CNI's ptp plug-in leaves it, with a peer in it. */
  addPod(machine: TestMachine, address: string): Promise<TestPod>;
  /** A peer in the machine itself. */
  peerIn(machine: TestMachine): Promise<Peer>;
  readonly folder: string;
  close(): Promise<void>;
}

/** Why these tests cannot run here; undefined: they can. */
export function cannotMakeNetworks(): string | undefined {
  if (process.getuid?.() !== 0) return "network namespaces need root";
  const missing = ["ip", "nft", "nsenter"].filter((tool) => !isInstalled(tool));
  return missing.length === 0 ? undefined : `${missing.join(", ")} not installed`;
}

export function isInstalled(tool: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/sbin"];
  return folders.some((folder) => existsSync(join(folder, tool)));
}

/** `subnet` is the third octet of 10.88.0.0/16: different for tests that may run at the same time. */
export async function createTestNetwork(subnet: number): Promise<TestNetwork> {
  const mark = `st${process.pid.toString(36)}`;
  const bridge = `${mark}br`;
  const gateway = `10.88.${subnet}.1`;
  const namespaces: string[] = [];
  const peers: Peer[] = [];
  const folder = mkdtempSync(join(tmpdir(), "slipway-net-"));
  let links = 0;
  await batch([`link add ${bridge} type bridge`, `addr add ${gateway}/24 dev ${bridge}`, `link set ${bridge} up`]);

  const addNamespace = async (name: string): Promise<string> => {
    const namespace = `${mark}-${name}`;
    await exec(["ip", "netns", "add", namespace]);
    namespaces.push(namespace);
    await batch(["link set lo up"], namespace);
    return namespace;
  };
  const startIn = async (namespace: string): Promise<Peer> => {
    const peer = await startPeer(namespace);
    peers.push(peer);
    return peer;
  };

  return {
    bridge,
    gateway,
    folder,
    async addMachine(name) {
      const namespace = await addNamespace(name);
      const index = namespaces.length + 1;
      const address = `10.88.${subnet}.${index}`;
      const cable = `${mark}m${index}`;
      await batch([
        `link add ${cable} type veth peer name eth0 netns ${namespace}`,
        `link set ${cable} master ${bridge} up`,
      ]);
      await batch(
        [`addr add ${address}/24 dev eth0`, "link set eth0 up", `route add default via ${gateway}`],
        namespace,
      );
      const run = execIn(namespace);
      await run(["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
      return { name, namespace, address, podCIDR: `10.244.${index}.0/24`, exec: run };
    },
    async addPod(machine, address) {
      const namespace = await addNamespace(`p${address.replaceAll(".", "-")}`);
      const link = `veth${links++}`;
      const podGateway = machine.podCIDR.replace(/0\/24$/, "1");
      await batch(
        [
          `link add ${link} type veth peer name eth0 netns ${namespace}`,
          `addr add ${podGateway}/32 dev ${link}`,
          `link set ${link} up`,
          `route add ${address}/32 dev ${link}`,
        ],
        machine.namespace,
      );
      await batch(
        [
          `addr add ${address}/32 dev eth0`,
          "link set eth0 up",
          `route add ${podGateway} dev eth0`,
          `route add default via ${podGateway}`,
        ],
        namespace,
      );
      return { namespace, address, peer: await startIn(namespace) };
    },
    peerIn: (machine) => startIn(machine.namespace),
    async close() {
      await Promise.all(peers.map((peer) => peer.stop()));
      for (const namespace of namespaces) await exec(["ip", "netns", "del", namespace]);
      await exec(["ip", "link", "del", bridge]);
      await removeIfExists(folder);
    },
  };
}

function execIn(namespace: string): Exec {
  return (argv, options) => exec(["nsenter", `--net=/run/netns/${namespace}`, "--", ...argv], options);
}

async function batch(commands: readonly string[], namespace?: string): Promise<void> {
  const target = namespace === undefined ? [] : ["-n", namespace];
  await exec(["ip", ...target, "-batch", "-"], { input: `${commands.join("\n")}\n` });
}
