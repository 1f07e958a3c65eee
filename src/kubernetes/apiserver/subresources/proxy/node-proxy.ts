// Requests that go on to a kubelet, a pod or a service: logs, exec, attach, port-forward, proxies.

import type { Node } from "#kubernetes/api";
import type { Answer } from "../../call.ts";
import type { LiveObjects } from "../../live-objects.ts";
import type { KubeletClientOptions } from "../../options.ts";
import type { Verb } from "../../registry/context.ts";
import { createBackends } from "./backend.ts";
import { createKubeletFinder, createReachCheck } from "./kubelet-address.ts";
import { createPodLogs } from "./pod-logs.ts";
import { createPodStreams } from "./pod-streams.ts";
import { createProxyVerbs } from "./proxy-verbs.ts";

export interface NodeProxy {
  readonly log: Verb<Answer>;
  readonly exec: Verb<Answer>;
  readonly attach: Verb<Answer>;
  readonly portForward: Verb<Answer>;
  readonly podProxy: Verb<Answer>;
  readonly serviceProxy: Verb<Answer>;
  readonly nodeProxy: Verb<Answer>;
  /** Ends connections that are kept open. */
  close(): void;
}

export interface NodeProxyOptions {
  /** How this server shows itself to kubelets. Undefined: as nobody, and any kubelet is believed. */
  readonly client: KubeletClientOptions | undefined;
  /** Where connections to pods come from. Undefined: the system chooses. */
  readonly podSideAddress: string | undefined;
  readonly objects: LiveObjects;
  /** Why there is no kubelet on a node; undefined: there is one. */
  readonly explainMissing: ((node: Node) => string | undefined) | undefined;
}

export function createNodeProxy({ client, podSideAddress, objects, explainMissing }: NodeProxyOptions): NodeProxy {
  const backends = createBackends(client, podSideAddress);
  const kubelets = createKubeletFinder(objects, { types: client?.addressTypes, explainMissing });
  return {
    log: createPodLogs({ objects, kubelets, backends }),
    ...createPodStreams({ objects, kubelets, backends }),
    ...createProxyVerbs({ objects, kubelets, backends, checkReach: createReachCheck(objects, explainMissing) }),
    close: () => backends.close(),
  };
}
