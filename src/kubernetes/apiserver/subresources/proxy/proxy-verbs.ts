// pods/proxy, services/proxy and nodes/proxy: a reverse proxy for HTTP and for connections that are upgraded.

import type { Answer, Call } from "../../call.ts";
import type { LiveObjects } from "../../live-objects.ts";
import type { Verb } from "../../registry/context.ts";
import { admitConnect } from "./admit-connect.ts";
import type { Backend, Backends } from "./backend.ts";
import type { KubeletFinder, ReachCheck } from "./kubelet-address.ts";
import { nodeTarget, podTarget, serviceTarget } from "./proxy-targets.ts";
import { passOn } from "./reverse-proxy.ts";
import { joinUpgrade } from "./upgrade.ts";

export interface ProxyVerbsParts {
  readonly objects: LiveObjects;
  readonly kubelets: KubeletFinder;
  readonly backends: Backends;
  readonly checkReach: ReachCheck;
}

export interface ProxyVerbs {
  readonly podProxy: Verb<Answer>;
  readonly serviceProxy: Verb<Answer>;
  readonly nodeProxy: Verb<Answer>;
}

export function createProxyVerbs({ objects, kubelets, backends, checkReach }: ProxyVerbsParts): ProxyVerbs {
  const proxyTo =
    (find: (call: Call) => Promise<Backend>): Verb<Answer> =>
    async (context, request) => {
      const { call } = request;
      await admitConnect(context, request);
      const backend = await find(call);
      const { prefix, path } = splitPath(call.request.path);
      if (path === "" && isRead(call)) return redirectToRoot(call);
      const target = (path || "/") + formatQuery(call.request.query);
      return {
        kind: "stream",
        serve(exchange) {
          if (exchange.kind === "upgrade") joinUpgrade(exchange, backends, backend, { path: target });
          else passOn(exchange, backends, backend, { path: target, prefix });
        },
      };
    };
  return {
    podProxy: proxyTo(({ info }) => podTarget({ objects, checkReach }, info.namespace, info.name)),
    serviceProxy: proxyTo(({ info }) => serviceTarget({ objects, checkReach }, info.namespace, info.name)),
    nodeProxy: proxyTo(({ info }) => nodeTarget(kubelets, info.name)),
  };
}

function isRead({ request }: Call): boolean {
  return request.method === "GET" || request.method === "HEAD";
}

/** Apart at the "proxy" segment: what comes before is this server's, what comes after the other's. */
function splitPath(path: string): { prefix: string; path: string } {
  const match = /^(\/api\/v1\/(?:namespaces\/[^/]+\/)?(?:pods|services|nodes)\/[^/]+\/proxy)(.*)$/.exec(path);
  return { prefix: match?.[1] ?? "", path: match?.[2] ?? "" };
}

function formatQuery(query: URLSearchParams): string {
  return query.size > 0 ? `?${query}` : "";
}

/** Relative links work only below a path that ends in a slash. */
function redirectToRoot({ request }: Call): Answer {
  const location = `${request.path}/${formatQuery(request.query)}`;
  return { kind: "bytes", status: 301, headers: { location }, body: new Uint8Array() };
}
