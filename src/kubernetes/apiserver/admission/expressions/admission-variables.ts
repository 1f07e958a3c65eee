// What admission's expressions may name, and its values for one request: object, oldObject, request, namespaceObject, params,
// authorizer, and the variables a policy has composed.

import type { KubeObject } from "#kubernetes/api";
import {
  type Activation,
  authorizerType,
  authorizerValue,
  type CelType,
  type CelValue,
  fromJson,
  namespaceType,
  requestResourceValue,
  requestType,
  resourceCheckType,
  types,
} from "#kubernetes/cel";
import type { AdmissionRequest } from "../admission.ts";
import { describeRequest } from "../matching/describe-request.ts";
import type { MatchedResource } from "../matching/match-criteria.ts";
import type { ShownObjects } from "../matching/show-objects.ts";
import type { Decisions } from "./decisions.ts";

/** A request as expressions see it. */
export interface ExpressionInput {
  readonly request: AdmissionRequest;
  readonly matched: MatchedResource;
  readonly shown: ShownObjects;
  readonly decisions: Decisions;
  /** The request's namespace; undefined of the cluster's requests. */
  readonly namespaceObject?: KubeObject | undefined;
  readonly params?: KubeObject | undefined;
}

export interface VariableOptions {
  readonly hasParams?: boolean;
  readonly hasAuthorizer?: boolean;
}

export function declareVariables(options: VariableOptions): Record<string, CelType> {
  return {
    object: types.dyn,
    oldObject: types.dyn,
    request: requestType,
    namespaceObject: namespaceType,
    ...(options.hasParams && { params: types.dyn }),
    ...(options.hasAuthorizer && { authorizer: authorizerType, "authorizer.requestResource": resourceCheckType }),
  };
}

/** The values, made when first asked for. */
export function bindVariables(input: ExpressionInput): Activation {
  const known = new Map<string, CelValue>();
  const makers: Readonly<Record<string, () => CelValue>> = {
    object: () => fromJson(input.shown.object ?? null),
    oldObject: () => fromJson(input.shown.oldObject ?? null),
    request: () => fromJson(describeRequest(input.request, input.matched, input.shown.kind)),
    namespaceObject: () => fromJson(input.namespaceObject ? publicNamespace(input.namespaceObject) : null),
    params: () => fromJson(input.params ?? null),
    authorizer: () => authorizerValue(input.decisions.authorize),
    "authorizer.requestResource": () => requestResourceValue(input.decisions.authorize, resourceOf(input)),
  };
  return (name) => {
    const value = known.get(name) ?? makers[name]?.();
    if (value !== undefined) known.set(name, value);
    return value;
  };
}

function resourceOf({ request }: ExpressionInput) {
  const { group, resource, subresource, namespace, name } = request;
  return { group, resource, subresource, namespace, name };
}

/** As upstream shows namespaces to expressions. */
function publicNamespace({ metadata, ...rest }: KubeObject): object {
  const { name, generateName, namespace, labels, annotations, uid, creationTimestamp, deletionTimestamp } = metadata;
  const { deletionGracePeriodSeconds, generation, resourceVersion, finalizers } = metadata;
  const shown = { name, generateName, namespace, labels, annotations, uid, creationTimestamp, deletionTimestamp };
  const more = { deletionGracePeriodSeconds, generation, resourceVersion, finalizers };
  const present = Object.entries({ ...shown, ...more }).filter(([, value]) => value !== undefined);
  const { spec, status } = rest as { spec?: unknown; status?: unknown };
  return {
    metadata: Object.fromEntries(present),
    ...(spec !== undefined && { spec }),
    ...(status !== undefined && { status }),
  };
}
