// pods/eviction: a DELETE that asks the pod's disruption budget first, and answers 429 while that has nothing to give.

import {
  badRequest,
  type DeleteOptions,
  type Eviction,
  isConflict,
  type KubeObject,
  type Pod,
  type PodDisruptionBudget,
  resources,
  type Status,
  StatusError,
  selectorOf,
} from "#kubernetes/api";
import type { ObjectAnswer } from "../call.ts";
import type { RegistryContext, ResourceCall } from "../registry/context.ts";
import { admitNew } from "../registry/create.ts";
import { removeObject } from "../registry/delete.ts";
import { requireObject } from "../registry/get.ts";
import { modifyObject } from "../registry/modify.ts";
import { formatTime } from "../registry/object-meta.ts";
import { checkDeleteOptions } from "../registry/options/write-options.ts";
import { spendDisruption } from "./disruption-budget.ts";

/** How often an eviction begins again because something about the pod changed meanwhile. */
const mostTries = 20;

export async function createEviction(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { admitted, options } = await admitNew(context, request);
  const eviction = admitted.object as Eviction;
  const { name } = request.call.info;
  if (eviction.metadata.name !== name) {
    throw badRequest("name in URL does not match name in Eviction object");
  }
  await context.admission.validate(admitted);
  const deleteOptions: DeleteOptions = {
    ...eviction.deleteOptions,
    ...(options.dryRun && { dryRun: ["All"] }),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      await evict(context, request, name, deleteOptions);
      return { kind: "object", status: 201, document: { object: success } };
    } catch (error) {
      const isFirm = deleteOptions.preconditions?.resourceVersion !== undefined;
      if (!isConflict(error) || isFirm || attempt === mostTries) throw error;
    }
  }
}

const success: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

async function evict(
  context: RegistryContext,
  request: ResourceCall,
  name: string,
  options: DeleteOptions,
): Promise<void> {
  const pod = (await requireObject(request.resource, request.call.info.namespace, name)).object as Pod;
  let pinned = false;
  if (needsBudget(pod)) pinned = (await askBudget(context, pod, options)) === "pinned";
  else pinned = pod.status?.phase === "Pending" && !pod.metadata.deletionTimestamp;
  await markAndRemove(context, request, pod, pinned, options);
}

/** Pods that have ended, not begun, or are on their way out are not what budgets protect. */
function needsBudget({ status, metadata }: Pod): boolean {
  return !["Succeeded", "Failed", "Pending"].includes(status?.phase ?? "") && !metadata.deletionTimestamp;
}

/** "pinned": the pod may go because it is as it is, so that any change of it meanwhile voids that. */
async function askBudget(context: RegistryContext, pod: Pod, options: DeleteOptions): Promise<"granted" | "pinned"> {
  const { namespace = "", labels = {} } = pod.metadata;
  const all = await context.objects.list<PodDisruptionBudget>(resources.podDisruptionBudgets, namespace);
  const budgets = all.filter(({ spec }) => spec?.selector && selectorOf(spec.selector).matches(labels));
  if (budgets.length > 1) {
    const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw new StatusError({ code: 500, reason: "", message });
  }
  const [budget] = budgets;
  if (!budget) return "granted";
  if (!isReady(pod)) {
    const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
    const isAlwaysAllowed = budget.spec?.unhealthyPodEvictionPolicy === "AlwaysAllow";
    if (isAlwaysAllowed || (currentHealthy >= desiredHealthy && desiredHealthy > 0)) return "pinned";
  }
  const key = { namespace, name: budget.metadata.name ?? "" };
  const now = context.clock.now();
  const dryRun = (options.dryRun?.length ?? 0) > 0;
  await modifyObject<PodDisruptionBudget>(
    context.resource("policy", "poddisruptionbudgets"),
    key,
    (latest) => spendDisruption(latest, pod.metadata.name ?? "", now),
    { dryRun },
  );
  return "granted";
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
}

async function markAndRemove(
  context: RegistryContext,
  request: ResourceCall,
  pod: Pod,
  pinned: boolean,
  options: DeleteOptions,
): Promise<void> {
  const { name = "", namespace = "", resourceVersion } = pod.metadata;
  let removal = pinned ? pin(options, resourceVersion) : options;
  if (!options.dryRun?.length) {
    const time = formatTime(context.clock.now());
    const change = (latest: Pod): Pod => {
      const wanted = removal.preconditions?.resourceVersion;
      if (wanted !== undefined && wanted !== latest.metadata.resourceVersion) throw changed(name);
      return withDisruptionTarget(latest, time);
    };
    const { object } = await modifyObject<Pod>(request.resource, { namespace, name }, change);
    if (removal.preconditions?.resourceVersion !== undefined) removal = pin(removal, versionOf(object));
  }
  checkDeleteOptions(removal);
  await removeObject({ ...context, admission: noAdmission }, request, name, removal);
}

/** The eviction itself has passed admission; the delete it comes to is the server's. */
const noAdmission: RegistryContext["admission"] = { admit: () => undefined, validate: () => undefined };

function pin(options: DeleteOptions, resourceVersion: string | undefined): DeleteOptions {
  const preconditions = { ...options.preconditions, ...(resourceVersion !== undefined && { resourceVersion }) };
  return { ...options, preconditions };
}

function versionOf({ metadata }: KubeObject): string | undefined {
  return metadata.resourceVersion;
}

function changed(name: string): StatusError {
  const message = `Operation cannot be fulfilled on Pod ${JSON.stringify(name)}: the pod has changed since its eviction was considered`;
  return new StatusError({ code: 409, reason: "Conflict", message, details: { name, kind: "Pod" } });
}

function withDisruptionTarget(pod: Pod, time: string): Pod {
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "DisruptionTarget");
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    lastProbeTime: null as never,
    lastTransitionTime: time,
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
  };
  return { ...pod, status: { ...pod.status, conditions: [...others, condition] } };
}
