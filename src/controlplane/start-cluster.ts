// A cluster in this process: the library's front door. Nothing of it outlives `stop`, unless a folder for its data was given.

import { createAuthority, issueCertificate, renderKubeconfig } from "#bootstrap";
import type { Client } from "#kubernetes/client";
import type { SimulatedNode, StageObject } from "#kubernetes/kubelet/simulated";
import type { SchedulerConfiguration } from "#kubernetes/scheduler";
import { type LocalStore, openEmbeddedStore, openMemoryStore } from "#kubernetes/store";
import type { Clock, Logger } from "#shared";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

export type { SimulatedNode, StageObject };

export interface StartClusterOptions {
  /**
   * Simulated nodes: so many, named node-1, node-2, …, or these. Pods bound to them run at once, without containers. Default: none.
   * Nodes made through the API with the annotation kwok.x-k8s.io/node=fake are simulated as well.
   */
  readonly nodes?: number | readonly SimulatedNode[];
  /** KWOK's Stage objects: how nodes and pods live. Default: nodes are Ready, pods run at once, those of Jobs complete. */
  readonly stages?: readonly StageObject[];
  /** Milliseconds between a pod's binding and its being ready. Default 0. */
  readonly podStartMs?: number;
  /** Upstream's --controllers: "*", "name", "-name"; an empty list runs none. Default: all that are on by default. */
  readonly controllers?: readonly string[];
  /** False: none runs. A KubeSchedulerConfiguration's fields: one that is configured so. Default: one as upstream configures it. */
  readonly scheduler?: boolean | SchedulerConfiguration;
  /** Where the data is kept, to be found by the next start. Default: in memory. */
  readonly folder?: string;
  /** Ranges of pods' and services' addresses. Defaults: 100.64.0.0/10, room for 16,384 nodes, and 10.96.0.0/16. */
  readonly podCIDR?: string;
  readonly serviceCIDR?: string;
  /** Port of the HTTPS server, which is opened when `kubeconfig` is first called. Default: any free one. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface Cluster extends AsyncDisposable {
  /** Acts as the cluster's admin, by calls in this process. */
  readonly client: Client;
  /** Adds simulated nodes; resolves when they are Ready. To take one away, delete it. */
  addNodes(nodes: readonly SimulatedNode[]): Promise<void>;
  /** A kubeconfig for kubectl and other programs: opens the HTTPS server on 127.0.0.1 the first time. */
  kubeconfig(): Promise<string>;
  /** Resolves when nothing of the cluster is running; until then the process stays alive. May be called again. */
  stop(): Promise<void>;
}

/** Resolves when the API answers and every node is Ready. Throws for an unknown controller, and for a scheduler that is configured wrong. */
export async function startCluster(options: StartClusterOptions = {}): Promise<Cluster> {
  const { podCIDR = "100.64.0.0/10", serviceCIDR = "10.96.0.0/16", port = 0, folder, clock, logger } = options;
  const common = { ...(clock && { clock }), ...(logger && { logger }) };
  const store = folder === undefined ? openMemoryStore(common) : await openEmbeddedStore({ ...common, folder });
  const simulation = {
    nodes: nodesOf(options.nodes ?? 0),
    ...(options.stages && { stages: options.stages }),
    ...(options.podStartMs !== undefined && { podStartMs: options.podStartMs }),
  };
  const controlPlane = await orClose(store, () =>
    startControlPlane({
      ...common,
      apiServer: { store, serviceCIDRs: [serviceCIDR], advertise: { address: documentationAddress, port: 443 } },
      ...(options.controllers && { controllers: options.controllers }),
      ...(options.scheduler !== undefined && { scheduler: options.scheduler }),
      controllerSettings: { nodeIpam: { podCIDRs: [podCIDR], serviceCIDRs: [serviceCIDR] } },
      simulation,
    }),
  );
  await controlPlane.apiServer.ready;
  await controlPlane.nodesReady;

  // As any server, it keeps the process until it is stopped: its own timers do not, and a test that waits for a pod would be cut off.
  const alive = setInterval(() => {}, longestTimerMs);
  let kubeconfig: Promise<string> | undefined;
  let stopped: Promise<void> | undefined;
  const stop = () => {
    clearInterval(alive);
    stopped ??= controlPlane.stop().then(() => store.close());
    return stopped;
  };
  return {
    client: controlPlane.client,
    addNodes: (nodes) => controlPlane.addNodes(nodes),
    kubeconfig() {
      kubeconfig ??= openHttps(controlPlane, port);
      return kubeconfig;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const longestTimerMs = 2 ** 31 - 1;

function nodesOf(nodes: number | readonly SimulatedNode[]): readonly SimulatedNode[] {
  if (typeof nodes !== "number") return nodes;
  return Array.from({ length: nodes }, (_, index) => ({ name: `node-${index + 1}` }));
}

/** A store that nobody will use must not stay open. */
async function orClose<T>(store: LocalStore, start: () => T): Promise<T> {
  try {
    return start();
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** No pod runs that would go there; an address must be named all the same, and it may not be the loopback. */
const documentationAddress = "192.0.2.1";

async function openHttps({ apiServer }: ControlPlane, port: number): Promise<string> {
  const authority = await createAuthority("kubernetes");
  const [server, client] = await Promise.all([
    issueCertificate(authority, {
      commonName: "kube-apiserver",
      usages: ["server"],
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1"],
    }),
    issueCertificate(authority, {
      commonName: "kubernetes-admin",
      organizations: ["system:masters"],
      usages: ["client"],
    }),
  ]);
  const tls = { ...server, clientAuthorities: [authority.certificate] };
  const listener = await apiServer.listen({ host: "127.0.0.1", port, tls });
  const url = `https://127.0.0.1:${listener.port}`;
  return renderKubeconfig({ name: "slipway", server: url, authority: authority.certificate, client });
}
