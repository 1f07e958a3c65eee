// Requests that go on to a kubelet, a pod or a service: logs, exec, attach, port-forward, proxies.

import { serviceUnavailable } from "#kubernetes/api";
import type { Logger } from "#shared";
import type { Answer } from "../call.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { KubeletClientOptions } from "../options.ts";
import type { Verb } from "../registry/context.ts";

export interface NodeProxy {
  readonly log: Verb<Answer>;
  readonly exec: Verb<Answer>;
  readonly attach: Verb<Answer>;
  readonly portForward: Verb<Answer>;
  readonly podProxy: Verb<Answer>;
  readonly serviceProxy: Verb<Answer>;
  readonly nodeProxy: Verb<Answer>;
}

export interface NodeProxyOptions {
  /** Undefined: kubelets cannot be reached. */
  readonly client?: KubeletClientOptions;
  readonly objects: LiveObjects;
  readonly logger: Logger;
}

export function createNodeProxy(_options: NodeProxyOptions): NodeProxy {
  const refuse: Verb<Answer> = async () => {
    throw serviceUnavailable("this server has no way to kubelets");
  };
  return {
    log: refuse,
    exec: refuse,
    attach: refuse,
    portForward: refuse,
    podProxy: refuse,
    serviceProxy: refuse,
    nodeProxy: refuse,
  };
}
