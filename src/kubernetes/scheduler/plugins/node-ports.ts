// NodePorts: a host port can be had once on a node.

import type { Pod } from "#kubernetes/api";
import { HostPorts } from "../cluster/host-ports.ts";
import { type HostPort, hostPortsOf } from "../cluster/pod-info.ts";
import type { EventInterest } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { skip, success, unschedulable } from "../status.ts";

const name = "NodePorts";
const rejected = unschedulable(name, "node(s) didn't have free ports for the requested pod ports");

const portFreed: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["Delete"],
  isWorthTrying(pod, old) {
    if (!old?.spec?.nodeName && !old?.status?.nominatedNodeName) return false;
    return !HostPorts.of(hostPortsOf(old)).fits(hostPortsOf(pod));
  },
};

export function createNodePorts(): Plugin<readonly HostPort[]> {
  return {
    name,
    scope: "node",
    events: [portFreed, { resource: "Node", actions: ["Add"] }],
    sign: ({ hostPorts }) => hostPorts.map(({ ip, port }) => `${ip}/${port}`).join(","),
    preFilter: ({ hostPorts }) => (hostPorts.length === 0 ? skip : { code: "Success", state: hostPorts }),
    filter: (wanted, _pod, { hostPorts }) => (!hostPorts || hostPorts.fits(wanted) ? success : rejected),
  };
}
