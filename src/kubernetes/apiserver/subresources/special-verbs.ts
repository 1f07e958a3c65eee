// The resources and subresources whose verbs are not the usual ones, and who answers them.

import type { TokenAuthenticator } from "../authentication/authenticator.ts";
import type { ServiceAccountTokens } from "../authentication/service-account-tokens.ts";
import type { Answer } from "../call.ts";
import { definitionVerbs } from "../custom-resources/delete-definition.ts";
import type { Verb } from "../registry/context.ts";
import { methodNotAllowed, type VerbTable } from "../registry/registry.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import {
  createLocalSubjectAccessReview,
  createSelfSubjectAccessReview,
  createSelfSubjectRulesReview,
  createSubjectAccessReview,
} from "./access-reviews.ts";
import { createSelfSubjectReview, createTokenReview } from "./authentication-reviews.ts";
import { createBinding } from "./binding.ts";
import { componentStatusVerbs } from "./component-status.ts";
import { createEviction } from "./eviction.ts";
import { finalizeNamespace, namespaceVerbs } from "./namespace.ts";
import type { NodeProxy } from "./proxy/node-proxy.ts";
import { scaleVerbs } from "./scale.ts";
import { createTokenRequest } from "./token-request.ts";

export interface SpecialVerbsOptions {
  readonly tokens: TokenAuthenticator;
  readonly serviceAccountTokens: ServiceAccountTokens;
  /** What tokens of the API itself are for. */
  readonly audiences: readonly string[];
  /** Whom logs, exec, attach, port-forward and proxies are passed on to. */
  readonly proxy: NodeProxy;
}

/** Undefined where the verbs are the usual ones. */
export function createSpecialVerbs(
  options: SpecialVerbsOptions,
): (resource: ServedResource, subresource: string) => VerbTable | undefined {
  const { proxy } = options;
  const table: Readonly<Record<string, VerbTable>> = {
    "/bindings/": { create: createBinding },
    "/componentstatuses/": componentStatusVerbs,
    "/namespaces/": namespaceVerbs,
    "/namespaces/finalize": { update: finalizeNamespace },
    "/pods/binding": { create: createBinding },
    "/pods/eviction": { create: createEviction },
    "/pods/log": { get: proxy.log },
    "/pods/exec": { get: proxy.exec, create: proxy.exec },
    "/pods/attach": { get: proxy.attach, create: proxy.attach },
    "/pods/portforward": { get: proxy.portForward, create: proxy.portForward },
    "/pods/proxy": everyVerb(proxy.podProxy),
    "/services/proxy": everyVerb(proxy.serviceProxy),
    "/nodes/proxy": everyVerb(proxy.nodeProxy),
    "/serviceaccounts/token": { create: createTokenRequest(options) },
    "apiextensions.k8s.io/customresourcedefinitions/": definitionVerbs,
    "authentication.k8s.io/selfsubjectreviews/": { create: createSelfSubjectReview },
    "authentication.k8s.io/tokenreviews/": { create: createTokenReview(options) },
    "authorization.k8s.io/localsubjectaccessreviews/": { create: createLocalSubjectAccessReview },
    "authorization.k8s.io/selfsubjectaccessreviews/": { create: createSelfSubjectAccessReview },
    "authorization.k8s.io/selfsubjectrulesreviews/": { create: createSelfSubjectRulesReview },
    "authorization.k8s.io/subjectaccessreviews/": { create: createSubjectAccessReview },
  };
  return ({ info }, subresource) => {
    if (subresource === "scale") return scaleVerbs;
    return table[`${info.group}/${info.resource}/${subresource}`];
  };
}

/** OPTIONS goes on as well: to authorization it is no verb at all. */
function everyVerb(answer: Verb<Answer>): VerbTable {
  const options: Verb<Answer> = async (context, request) => {
    if (request.call.request.method !== "OPTIONS") throw methodNotAllowed();
    return answer(context, request);
  };
  return { get: answer, create: answer, update: answer, patch: answer, delete: answer, "": options };
}
