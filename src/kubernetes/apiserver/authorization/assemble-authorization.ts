// Puts the authorizers of a server together: those of the options, or, as by default, nodes by what their pods need and all others by
// their roles. Members of system:masters may do everything in any case.

import type { PolicyRule } from "#kubernetes/api";
import type { Clock, Logger } from "#shared";
import type { LiveObjects } from "../live-objects.ts";
import type { AccessMetrics } from "../metrics/access-metrics.ts";
import type { ApiServerOptions } from "../options.ts";
import type { CallWebhook } from "../webhooks/call-webhook.ts";
import { type Authorizer, allowMasters, alwaysAllow, alwaysDeny, combineAuthorizers } from "./authorizer.ts";
import { createNodeAuthorizer } from "./node.ts";
import { createNodeIndex } from "./node-index.ts";
import { createRbacAuthorizer } from "./rbac.ts";
import { createRbacIndex, type RbacIndex } from "./rbac-index.ts";
import type { AuthorizerSettings } from "./structured/authorization-configuration.ts";
import { createAuthorizationWebhook } from "./structured/authorization-webhook.ts";

export interface AuthorizationParts {
  readonly objects: LiveObjects;
  readonly call: CallWebhook;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The rules of the role system:node. */
  readonly nodeRules: () => readonly PolicyRule[];
  readonly metrics: AccessMetrics;
}

export interface AssembledAuthorization {
  readonly authorizer: Authorizer;
  /** Absent where roles decide nothing. */
  readonly index?: RbacIndex;
  readonly ready: Promise<void>;
  stop(): void;
}

const byDefault: readonly AuthorizerSettings[] = [
  { type: "Node", name: "node" },
  { type: "RBAC", name: "rbac" },
];

export function assembleAuthorization(
  { authorization, authorizationConfiguration }: Pick<ApiServerOptions, "authorization" | "authorizationConfiguration">,
  parts: AuthorizationParts,
): AssembledAuthorization {
  if (authorization === "always-allow") {
    return { authorizer: alwaysAllow, ready: Promise.resolve(), stop: () => {} };
  }
  const { objects, metrics } = parts;
  const settings = authorizationConfiguration?.authorizers ?? byDefault;
  const uses = (type: AuthorizerSettings["type"]) => settings.some((each) => each.type === type);
  const rbac = uses("RBAC") ? createRbacIndex(objects) : undefined;
  const nodes = uses("Node") ? createNodeIndex(objects) : undefined;
  const make = (each: AuthorizerSettings): Authorizer => {
    switch (each.type) {
      case "Webhook":
        return createAuthorizationWebhook(each.webhook, parts);
      case "Node":
        return createNodeAuthorizer({ index: nodes!, objects, rules: parts.nodeRules() });
      case "RBAC":
        return createRbacAuthorizer(rbac!);
      case "AlwaysAllow":
        return alwaysAllow;
      default:
        return alwaysDeny;
    }
  };
  return {
    authorizer: combineAuthorizers([
      allowMasters,
      ...settings.map((each) => metrics.counting(make(each), each.type, each.name)),
    ]),
    ...(rbac && { index: rbac }),
    ready: rbac?.ready ?? Promise.resolve(),
    stop() {
      rbac?.stop();
      nodes?.stop();
    },
  };
}
