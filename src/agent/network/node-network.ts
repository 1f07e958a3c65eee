// Keeps a node's pod network as the plan wants it: told by a watch of the nodes, carried out by CNI's configuration file, ip and nft.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { resources } from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";
import { type Controller, createController, done, watchKeys } from "#kubernetes/runtime";
import { type Clock, type Exec, type Logger, readFileIfExists, writeFileAtomic } from "#shared";
import {
  type NetworkSettings,
  planNetwork,
  type Route,
  renderCniConfig,
  renderMasquerade,
  renderRouteChanges,
} from "./plan.ts";

export interface NodeNetworkOptions extends NetworkSettings {
  readonly informers: InformerSet;
  readonly cniConfigFolder: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Turns on forwarding in this network namespace. Default: by /proc/sys. */
  enableForwarding?(): void;
}

/** Marks the routes that are ours; a number that the kernel and routing daemons leave free. */
const routeProtocol = 86;

/** A controller with one key: any change of a node may change the network. */
export function createNodeNetwork(options: NodeNetworkOptions): Controller {
  const { informers, cniConfigFolder, exec, clock, logger } = options;
  const { enableForwarding = () => writeFileSync("/proc/sys/net/ipv4/ip_forward", "1") } = options;
  const nodes = informers.informer(resources.nodes);
  let knownRange: string | undefined;
  let knownRoutes: readonly Route[] | undefined;

  const setRange = async (range: string) => {
    enableForwarding();
    await exec(["nft", "-f", "-"], { input: renderMasquerade(range, options) });
    const path = join(cniConfigFolder, "10-slipway.conflist");
    const content = renderCniConfig(range, options);
    // Last, as it is what makes the runtime say that the network is ready.
    if ((await readFileIfExists(path)) !== content) await writeFileAtomic(path, content);
    knownRange = range;
    logger.info({ range }, "pod network is set up");
  };
  const setRoutes = async (wanted: readonly Route[]) => {
    const changes = renderRouteChanges(knownRoutes ?? (await listRoutes(exec)), wanted, routeProtocol);
    // Unknown while they change: after a failure they are read again.
    knownRoutes = undefined;
    if (changes.length > 0) await exec(["ip", "-batch", "-"], { input: `${changes.join("\n")}\n` });
    knownRoutes = wanted;
  };
  return createController({
    name: "node-network",
    watches: [watchKeys(nodes, () => ["network"])],
    workers: 1,
    clock,
    logger,
    async reconcile() {
      const plan = planNetwork(nodes.list(), options);
      if (plan.ownRange !== undefined && plan.ownRange !== knownRange) await setRange(plan.ownRange);
      await setRoutes(plan.routes);
      return done;
    },
  });
}

async function listRoutes(exec: Exec): Promise<Route[]> {
  const { stdout } = await exec(["ip", "-json", "-4", "route", "show", "proto", String(routeProtocol)]);
  const routes = JSON.parse(stdout.trim() || "[]") as { dst: string; gateway?: string }[];
  return routes.map(({ dst, gateway = "" }) => ({ destination: dst, gateway }));
}
