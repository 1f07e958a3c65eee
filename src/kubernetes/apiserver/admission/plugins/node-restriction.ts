// NodeRestriction: what kubelets may write beyond what the node authorizer lets them ask for: their own Node, their own pods.

import {
  equalJson,
  type KubeObject,
  type Lease,
  type Node,
  notFound,
  type PersistentVolumeClaim,
  type Pod,
  quote,
  type ResourceSlice,
  resources,
  type TokenRequest,
} from "#kubernetes/api";
import { nodeOfUser, nodesGroup } from "../../authentication/users.ts";
import { podReferences } from "../../authorization/pod-references.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { Refusal } from "../refusal.ts";
import { checkNodeLabels } from "./node-labels.ts";
import type { PluginContext } from "./plugin-context.ts";

type Check = (context: PluginContext, request: AdmissionRequest, node: string) => void | Promise<void>;

const checks: Readonly<Record<string, Check>> = {
  "/pods": checkPodRequest,
  "/nodes": checkNode,
  "/persistentvolumeclaims": checkClaim,
  "/serviceaccounts": checkToken,
  "coordination.k8s.io/leases": checkLease,
  "storage.k8s.io/csinodes": checkCsiNode,
  "resource.k8s.io/resourceslices": checkSlice,
};

export function nodeRestriction(context: PluginContext): AdmissionPlugin {
  return {
    name: "NodeRestriction",
    handles: ({ group, resource }) => `${group}/${resource}` in checks,
    async admit(request) {
      const { user } = request;
      if (!user.name.startsWith("system:node:") || !user.groups.includes(nodesGroup)) return;
      const node = nodeOfUser(user);
      if (node === undefined) throw new Refusal(`could not determine node from user ${quote(user.name)}`);
      await checks[`${request.group}/${request.resource}`]!(context, request, node);
    },
  };
}

function checkPodRequest(context: PluginContext, request: AdmissionRequest, node: string): void | Promise<void> {
  const { subresource, operation } = request;
  if (subresource === "status") return checkPodStatus(request, node);
  if (subresource === "eviction") {
    if (operation !== "CREATE") throw new Refusal(`unexpected operation ${operation}`);
    return checkPodOnNode(context, request, `node ${node} can only evict pods with spec.nodeName set to itself`, node);
  }
  if (subresource !== "") {
    throw new Refusal(`unexpected pod subresource ${quote(subresource)}, only 'status' and 'eviction' are allowed`);
  }
  if (operation === "CREATE") return checkMirrorPod(context, request.object as Pod, node);
  if (operation === "DELETE") {
    return checkPodOnNode(
      context,
      request,
      `node ${quote(node)} can only delete pods with spec.nodeName set to itself`,
      node,
    );
  }
  throw new Refusal(
    `unexpected operation ${quote(operation)}, node ${quote(node)} can only create and delete mirror pods`,
  );
}

async function checkPodOnNode(
  context: PluginContext,
  request: AdmissionRequest,
  why: string,
  node: string,
): Promise<void> {
  const { namespace, name } = request;
  const pod = await context.objects.get(resources.pods, { namespace, name });
  if (!pod) throw notFound({ group: "", resource: "pods" }, name);
  if (pod.spec?.nodeName !== node) throw new Refusal(why);
}

async function checkMirrorPod({ objects }: PluginContext, pod: Pod, node: string): Promise<void> {
  const only = (what: string) => new Refusal(`node ${quote(node)} can only create pods with ${what}`);
  if (pod.metadata.annotations?.["kubernetes.io/config.mirror"] === undefined) {
    const why = `node ${quote(node)} can only create mirror pods`;
    throw new Refusal(`pod does not have "kubernetes.io/config.mirror" annotation, ${why}`);
  }
  if (pod.spec?.nodeName !== node) throw only("spec.nodeName set to itself");
  const [owner, ...more] = pod.metadata.ownerReferences ?? [];
  if (more.length > 0) throw only("a single owner reference set to itself");
  if (owner?.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node) {
    throw only("an owner reference set to itself");
  }
  if (!owner.controller) throw only("a controller owner reference set to itself");
  if (owner.blockOwnerDeletion) {
    throw new Refusal(`node ${quote(node)} must not set blockOwnerDeletion on an owner reference`);
  }
  const found = await objects.get(resources.nodes, { name: node });
  if (!found) throw notFound({ group: "", resource: "nodes" }, node);
  if (found.metadata.uid !== owner.uid) {
    throw new Refusal(`node ${node} UID mismatch: expected ${owner.uid} got ${found.metadata.uid}`);
  }
  for (const [resource] of podReferences(pod)) {
    throw new Refusal(`node ${quote(node)} can not create pods that reference ${resource}`);
  }
}

function checkPodStatus({ operation, object, oldObject }: AdmissionRequest, node: string): void {
  if (operation !== "UPDATE") throw new Refusal(`unexpected operation ${quote(operation)}`);
  const pod = object as Pod;
  const old = oldObject as Pod;
  const name = quote(node);
  if (old.spec?.nodeName !== node) {
    throw new Refusal(`node ${name} can only update pod status for pods with spec.nodeName set to itself`);
  }
  if (!equalJson(pod.metadata.labels ?? {}, old.metadata.labels ?? {})) {
    throw new Refusal(`node ${name} cannot update labels through pod status`);
  }
  if (!equalJson(pod.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? [])) {
    throw new Refusal(`node ${name} cannot update resource claim statues`);
  }
  if (!equalJson(pod.status?.extendedResourceClaimStatus, old.status?.extendedResourceClaimStatus)) {
    throw new Refusal(`node ${name} cannot update extended resource claim status`);
  }
}

function checkNode(_context: PluginContext, request: AdmissionRequest, node: string): void {
  const name = quote(node);
  if (request.name !== node) throw new Refusal(`node ${name} is not allowed to modify node ${quote(request.name)}`);
  if (request.operation !== "CREATE" && request.operation !== "UPDATE") return;
  const now = request.object as Node;
  const old = request.oldObject as Node | undefined;
  if (now.spec?.configSource && !equalJson(now.spec.configSource, old?.spec?.configSource)) {
    throw new Refusal(
      old
        ? `node ${name} is not allowed to update configSource to a new non-nil configSource`
        : `node ${name} is not allowed to create pods with a non-nil configSource`,
    );
  }
  if (old && !equalJson(now.spec?.taints ?? [], old.spec?.taints ?? [])) {
    throw new Refusal(`node ${name} is not allowed to modify taints`);
  }
  if (old && !equalJson(now.metadata.ownerReferences ?? [], old.metadata.ownerReferences ?? [])) {
    throw new Refusal(`node ${name} is not allowed to modify ownerReferences`);
  }
  const bad = checkNodeLabels(now.metadata.labels ?? {}, old?.metadata.labels ?? {}).join(", ");
  if (bad === "") return;
  throw new Refusal(
    old ? `is not allowed to modify labels: ${bad}` : `node ${name} is not allowed to set the following labels: ${bad}`,
  );
}

function checkClaim(
  _context: PluginContext,
  { subresource, operation, object, oldObject }: AdmissionRequest,
  node: string,
): void {
  if (subresource !== "status") throw new Refusal("may only update PVC status");
  if (operation !== "UPDATE") throw new Refusal(`unexpected operation ${quote(operation)}`);
  const rest = (claim: KubeObject | undefined) => {
    const { metadata, status, ...others } = claim as PersistentVolumeClaim;
    const { resourceVersion: _version, managedFields: _fields, ...meta } = metadata;
    const { capacity: _capacity, conditions: _conditions, ...state } = status ?? {};
    const { allocatedResources: _resources, allocatedResourceStatuses: _statuses, ...left } = state;
    return { ...others, metadata: meta, status: left };
  };
  if (equalJson(rest(object), rest(oldObject))) return;
  throw new Refusal(
    `node ${quote(node)} is not allowed to update fields other than status.quantity and status.conditions`,
  );
}

async function checkToken({ objects }: PluginContext, request: AdmissionRequest, node: string): Promise<void> {
  if (request.operation !== "CREATE" || request.subresource !== "token") return;
  const reference = (request.object as TokenRequest).spec?.boundObjectRef;
  if (reference?.apiVersion !== "v1" || reference.kind !== "Pod" || !reference.name) {
    throw new Refusal("node requested token not bound to a pod");
  }
  if (!reference.uid) throw new Refusal("node requested token with a pod binding without a uid");
  const pod = await objects.get(resources.pods, { namespace: request.namespace, name: reference.name });
  if (!pod) throw notFound({ group: "", resource: "pods" }, reference.name);
  if (pod.metadata.uid !== reference.uid) {
    throw new Refusal(
      `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod.spec?.nodeName !== node)
    throw new Refusal("node requested token bound to a pod scheduled on a different node");
}

/** The authorizer has checked all but the name of a new one. */
function checkLease(_context: PluginContext, { operation, object, namespace }: AdmissionRequest, node: string): void {
  if (namespace !== "kube-node-lease") {
    throw new Refusal('can only access leases in the "kube-node-lease" system namespace');
  }
  if (operation === "CREATE" && (object as Lease).metadata.name !== node) {
    throw new Refusal("can only access node lease with the same name as the requesting node");
  }
}

function checkCsiNode(_context: PluginContext, { operation, object }: AdmissionRequest, node: string): void {
  if (operation === "CREATE" && object?.metadata.name !== node) {
    throw new Refusal("can only access CSINode with the same name as the requesting node");
  }
}

function checkSlice(_context: PluginContext, { operation, object, oldObject }: AdmissionRequest, node: string): void {
  if (operation === "CREATE" && (object as ResourceSlice).spec?.nodeName !== node) {
    throw new Refusal("can only create ResourceSlice with the same NodeName as the requesting node");
  }
  if (operation === "DELETE" && (oldObject as ResourceSlice).spec?.nodeName !== node) {
    throw new Refusal("can only delete ResourceSlice with the same NodeName as the requesting node");
  }
}
