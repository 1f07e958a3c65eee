// What one request charges to quotas, or why it may not (upstream's resourcequota controller, CheckRequest). Pure.

import {
  addResources,
  exceededResources,
  isTerminatingPod,
  maskResources,
  type Pod,
  type QuotaEvaluator,
  quotaApplies,
  type ResourceList,
  type ResourceQuota,
  subtractResources,
  withoutZeros,
} from "#kubernetes/api";
import type { AdmissionRequest } from "../admission.ts";
import { Refusal } from "../refusal.ts";

/** Whether the request can change what its object counts for. */
export function isCharging({ operation, resource, group, subresource, object, oldObject }: AdmissionRequest): boolean {
  if (operation === "CREATE" || group !== "" || resource !== "pods" || subresource === "resize") return true;
  return isTerminatingPod(object as Pod) !== isTerminatingPod(oldObject as Pod);
}

/** The quotas with the request counted in; the very same list where it counts for none. Throws why it may not pass. */
export function chargeQuotas(
  quotas: readonly ResourceQuota[],
  request: AdmissionRequest,
  evaluator: QuotaEvaluator,
  now: number,
): readonly ResourceQuota[] {
  const object = request.object!;
  const affected = quotas.filter((quota) => quotaApplies(quota, evaluator, object));
  if (affected.length === 0) return quotas;
  for (const quota of affected) checkStated(quota, request, evaluator);
  const usage = evaluator.usage(object, now);
  const before = request.oldObject && evaluator.usage(request.oldObject, now);
  let isChanged = false;
  const charged = quotas.map((quota) => {
    if (!affected.includes(quota)) return quota;
    const wasCounted = before !== undefined && quotaApplies(quota, evaluator, request.oldObject!);
    const delta = withoutZeros(wasCounted ? subtractResources(usage, before) : usage);
    if (Object.keys(delta).length === 0) return quota;
    const after = charge(quota, delta, request);
    isChanged ||= after !== quota;
    return after;
  });
  return isChanged ? charged : quotas;
}

/** A quota that limits what the object does not state, or that was never counted, lets nothing pass. */
function checkStated(quota: ResourceQuota, request: AdmissionRequest, evaluator: QuotaEvaluator): void {
  const { name } = quota.metadata;
  const limited = Object.keys(quota.status?.hard ?? {}).filter((each) => evaluator.counts(each));
  const missing = evaluator.missing?.(limited, request.object!);
  if (missing !== undefined) throw new Refusal(`failed quota: ${name}: ${missing}`);
  const uncounted = limited.filter((each) => quota.status?.used?.[each] === undefined);
  if (uncounted.length > 0) {
    throw new Refusal(`status unknown for quota: ${name}, resources: ${limited.toSorted().join(",")}`);
  }
}

function charge(quota: ResourceQuota, delta: ResourceList, request: AdmissionRequest): ResourceQuota {
  const { hard = {}, used = {} } = quota.status ?? {};
  const requested = maskResources(delta, Object.keys(hard));
  if (Object.keys(requested).length === 0) return quota;
  const total = addResources(used, requested);
  const exceeded =
    request.subresource === "status" ? [] : exceededResources(maskResources(total, Object.keys(requested)), hard);
  if (exceeded.length > 0) {
    const show = (list: ResourceList) => describe(maskResources(list, exceeded));
    throw new Refusal(
      `exceeded quota: ${quota.metadata.name}, requested: ${show(requested)}, used: ${show(used)}, limited: ${show(hard)}`,
    );
  }
  return { ...quota, status: { ...quota.status, used: { ...total } } };
}

function describe(list: ResourceList): string {
  return Object.entries(list)
    .map(([name, quantity]) => `${name}=${quantity}`)
    .sort()
    .join(",");
}
