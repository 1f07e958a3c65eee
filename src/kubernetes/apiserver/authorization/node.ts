// What kubelets may do: what the role system:node says, and of the objects it does not divide up (Secrets, claims, …) only those
// that their own pods need (upstream's node authorizer).

import { type PolicyRule, type ResourceSlice, resources, type VolumeAttachment } from "#kubernetes/api";
import { nodeOfUser, nodesGroup } from "../authentication/users.ts";
import type { LiveObjects } from "../live-objects.ts";
import { type AuthorizationAttributes, type Authorizer, type Decision, noOpinion } from "./authorizer.ts";
import type { NodeIndex } from "./node-index.ts";
import { ruleAllows } from "./rule-match.ts";

export interface NodeAuthorizerOptions {
  readonly index: NodeIndex;
  readonly objects: LiveObjects;
  /** The rules of the role system:node. */
  readonly rules: readonly PolicyRule[];
}

const allow: Decision = { allowed: true, reason: "" };
const refuse = (reason: string): Decision => ({ allowed: false, reason });

type Check = (attributes: AuthorizationAttributes, node: string) => Decision | Promise<Decision>;

export function createNodeAuthorizer(options: NodeAuthorizerOptions): Authorizer {
  const checks = createChecks(options);
  return {
    authorize(attributes) {
      const node = nodeOfUser(attributes.user);
      if (node === undefined) return noOpinion;
      if (attributes.isResourceRequest) {
        const check = checks[`${attributes.apiGroup}/${attributes.resource}`];
        if (check) return check(attributes, node);
      }
      return options.rules.some((rule) => ruleAllows(rule, attributes)) ? allow : noOpinion;
    },
    rulesFor: (user) =>
      user.groups.includes(nodesGroup) && user.name.startsWith("system:node:")
        ? { rules: [], incomplete: true, evaluationError: "node authorizer does not support user rule resolution" }
        : { rules: [], incomplete: false },
  };
}

function createChecks({ index, objects }: NodeAuthorizerOptions): Readonly<Record<string, Check>> {
  const related = async (attributes: AuthorizationAttributes, node: string): Promise<Decision> => {
    const { resource, namespace, name } = attributes;
    if (name === "") return refuse("No Object name found");
    const found = await isRelated(node, resource, namespace, name);
    return found ? allow : refuse(`no relationship found between node '${node}' and this object`);
  };
  const isRelated = async (node: string, resource: string, namespace: string, name: string): Promise<boolean> => {
    if (resource === "volumeattachments") {
      return (await objects.get<VolumeAttachment>(resources.volumeAttachments, { name }))?.spec?.nodeName === node;
    }
    if (resource === "resourceslices") {
      return (await objects.get<ResourceSlice>(resources.resourceSlices, { name }))?.spec?.nodeName === node;
    }
    return index.isRelated(node, resource, namespace, name);
  };
  const getRelated: Check = (attributes, node) => {
    if (attributes.verb !== "get") return refuse("can only get individual resources of this type");
    if (attributes.subresource !== "") return refuse("cannot get subresource");
    return related(attributes, node);
  };
  const readRelated: Check = (attributes, node) => {
    if (!["get", "list", "watch"].includes(attributes.verb)) return refuse("can only read resources of this type");
    if (attributes.subresource !== "") return refuse("cannot read subresource");
    if (attributes.namespace === "") return refuse("can only read namespaced object of this type");
    return related(attributes, node);
  };
  return {
    "/secrets": readRelated,
    "/configmaps": readRelated,
    "/persistentvolumes": getRelated,
    "/persistentvolumeclaims": (attributes, node) => {
      if (attributes.subresource !== "status") return getRelated(attributes, node);
      if (!isChange(attributes.verb)) return refuse("can only get/update/patch this type");
      return related(attributes, node);
    },
    "/serviceaccounts": (attributes, node) => {
      if (attributes.verb === "get" && attributes.subresource === "") return readRelated(attributes, node);
      if (attributes.verb !== "create" || attributes.name === "") {
        return refuse("can only create tokens for individual service accounts");
      }
      if (attributes.subresource !== "token") return refuse("can only create token subresource of serviceaccount");
      return related(attributes, node);
    },
    "/nodes": checkNode,
    "/pods": (attributes, node) => checkPod(attributes, node, getRelated, related),
    "resource.k8s.io/resourceclaims": getRelated,
    "resource.k8s.io/resourceslices": (attributes, node) => checkSlice(attributes, node, related),
    "storage.k8s.io/volumeattachments": getRelated,
    "storage.k8s.io/csinodes": (attributes, node) => checkOwned(attributes, node, "a CSINode", "CSINode"),
    "coordination.k8s.io/leases": checkLease,
  };
}

function isChange(verb: string): boolean {
  return verb === "update" || verb === "patch";
}

/** Objects named like the node; which one a create makes is checked at admission. */
function checkOwned(attributes: AuthorizationAttributes, node: string, which: string, kind: string): Decision {
  if (!["get", "create", "update", "patch", "delete"].includes(attributes.verb)) {
    return refuse(`can only get, create, update, patch, or delete ${which}`);
  }
  if (kind === "CSINode" && attributes.subresource !== "") return refuse("cannot authorize CSINode subresources");
  if (attributes.verb !== "create" && attributes.name !== node) {
    return refuse(`can only access ${kind} with the same name as the requesting node`);
  }
  return allow;
}

function checkLease(attributes: AuthorizationAttributes, node: string): Decision {
  const decision = checkOwned(attributes, node, "a node lease", "node lease");
  if (decision.allowed && attributes.namespace !== "kube-node-lease") {
    return refuse('can only access leases in the "kube-node-lease" system namespace');
  }
  return decision;
}

function checkNode(attributes: AuthorizationAttributes, node: string): Decision {
  const { verb, subresource, name } = attributes;
  if (subresource === "status") return isChange(verb) ? allow : noOpinion;
  if (subresource !== "") return noOpinion;
  if (verb === "create" || isChange(verb)) return allow;
  if (!["get", "list", "watch"].includes(verb)) return noOpinion;
  if (name === node) return allow;
  if (name === "") return refuse(`node '${node}' cannot read all nodes, only its own Node object`);
  return refuse(`node '${node}' cannot read '${name}', only its own Node object`);
}

function checkPod(
  attributes: AuthorizationAttributes,
  node: string,
  getRelated: Check,
  related: Check,
): ReturnType<Check> {
  const { verb, subresource, name } = attributes;
  if (subresource === "status") return isChange(verb) ? allow : noOpinion;
  if (subresource === "eviction") return verb === "create" ? allow : noOpinion;
  if (subresource !== "") return noOpinion;
  if (verb === "get") return getRelated(attributes, node);
  if (verb === "create" || verb === "delete") return allow;
  if (verb !== "list" && verb !== "watch") return noOpinion;
  if (selects(attributes, "spec.nodeName", node)) return allow;
  if (name !== "") return related(attributes, node);
  return refuse("can only list/watch pods with spec.nodeName field selector");
}

function checkSlice(attributes: AuthorizationAttributes, node: string, related: Check): ReturnType<Check> {
  const { verb, subresource } = attributes;
  if (subresource !== "") return refuse("cannot authorize ResourceSlice subresources");
  if (verb === "create") return allow;
  if (verb === "get" || verb === "delete" || isChange(verb)) return related(attributes, node);
  if (["watch", "list", "deletecollection"].includes(verb)) {
    if (selects(attributes, "spec.nodeName", node)) return allow;
    return refuse("can only list/watch/deletecollection resourceslices with nodeName field selector");
  }
  return refuse(
    "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection",
  );
}

/** Whether the field selector demands this very value. */
function selects(attributes: AuthorizationAttributes, field: string, value: string): boolean {
  const terms = attributes.fieldSelector?.split(",") ?? [];
  return terms.includes(`${field}=${value}`) || terms.includes(`${field}==${value}`);
}
