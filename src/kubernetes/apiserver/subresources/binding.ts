// pods/binding: the scheduler's word on where a pod runs.

import {
  type Binding,
  badRequest,
  conflict,
  describeFieldError,
  type FieldError,
  notSupported,
  type Pod,
  quote,
  required,
  type Status,
  StatusError,
} from "#kubernetes/api";
import type { ObjectAnswer } from "../call.ts";
import type { RegistryContext, ResourceCall } from "../registry/context.ts";
import { admitNew } from "../registry/create.ts";
import { modifyObject } from "../registry/modify.ts";
import { formatTime } from "../registry/object-meta.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { uidConflict, versionConflict } from "../registry/uid-conflict.ts";

/** Also answers POST to the collection "bindings", where the body names the pod. */
export async function createBinding(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { admitted, options } = await admitNew(context, request, { keepsSystemFields: true });
  const binding = admitted.object as Binding;
  const name = binding.metadata.name ?? "";
  const { info } = request.call;
  if (info.name !== "" && info.name !== name) throw badRequest("name in URL does not match name in Binding object");
  if (name === "") throw badRequest("Name parameter required.");
  checkBinding(binding);
  await context.admission.validate(admitted);
  const time = formatTime(context.clock.now());
  const key = { namespace: info.namespace, name };
  const pods = context.resource("", "pods");
  const change = (pod: Pod): Pod => {
    checkPreconditions(pods, pod, binding.metadata);
    return bind(pod, binding, name, time);
  };
  await modifyObject<Pod>(pods, key, change, options);
  const status: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  return { kind: "object", status: 201, document: { object: status } };
}

/** Upstream throws what is wrong as it is, which makes a failure of it. */
function checkBinding({ target = {} }: Partial<Binding>): void {
  const errors: FieldError[] = [];
  if (target.kind && target.kind !== "Node") errors.push(notSupported("target.kind", target.kind, ["Node", "<empty>"]));
  if (!target.name) errors.push(required("target.name"));
  if (errors.length === 0) return;
  const texts = errors.map(describeFieldError);
  const message = texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
  throw new StatusError({ code: 500, reason: "", message });
}

/** The pod with its node. Throws Conflict for one that has a node, is going, or is another than meant. */
function bind(pod: Pod, { metadata, target }: Binding, name: string, time: string): Pod {
  const why = reasonAgainst(pod, name);
  if (why !== undefined) throw conflict({ group: "", resource: "pods/binding" }, name, why);
  const { annotations, labels } = metadata;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(annotations && { annotations: { ...pod.metadata.annotations, ...annotations } }),
      ...(labels && { labels: { ...pod.metadata.labels, ...labels } }),
    },
    spec: { ...pod.spec!, nodeName: target.name! },
    status: withScheduled(pod.status, time),
  };
}

function checkPreconditions(pods: ServedResource, pod: Pod, { uid, resourceVersion }: Binding["metadata"]): void {
  if (uid && uid !== pod.metadata.uid) throw uidConflict(pods, pod, uid);
  if (resourceVersion && resourceVersion !== pod.metadata.resourceVersion) {
    throw versionConflict(pods, pod, resourceVersion);
  }
}

function reasonAgainst({ metadata, spec }: Pod, name: string): string | undefined {
  if (metadata.deletionTimestamp) return `pod ${name} is being deleted, cannot be assigned to a host`;
  if (spec?.nodeName) return `pod ${name} is already assigned to node ${quote(spec.nodeName)}`;
  if (spec?.schedulingGates?.length) return `pod ${name} has non-empty .spec.schedulingGates`;
  return undefined;
}

/** The scheduler's wish of another node is settled, and the pod is scheduled. */
function withScheduled(status: Pod["status"], time: string): NonNullable<Pod["status"]> {
  const { nominatedNodeName: _, ...rest } = status ?? {};
  const conditions = rest.conditions ?? [];
  const others = conditions.filter(({ type }) => type !== "PodScheduled");
  const known = conditions.find(({ type }) => type === "PodScheduled");
  const lastTransitionTime = known?.status === "True" ? known.lastTransitionTime! : time;
  // Declared without omitempty: null is what upstream writes.
  const condition = { type: "PodScheduled", status: "True", lastProbeTime: null as never, lastTransitionTime };
  return { ...rest, conditions: [...others, condition] };
}
