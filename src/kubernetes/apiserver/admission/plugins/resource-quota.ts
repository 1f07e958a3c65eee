// ResourceQuota: what is made counts against the namespace's quotas, in their status, before it is made. Requests that come while
// a namespace's quotas are being written are counted together in the next write.

import { quotaEvaluatorOf, type ResourceQuota, resources, StatusError } from "#kubernetes/api";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { PluginContext } from "./plugin-context.ts";
import { chargeQuotas, isCharging } from "./quota-charge.ts";

const mostTries = 4;

interface Waiting {
  readonly request: AdmissionRequest;
  readonly settle: (error?: unknown) => void;
}

export function resourceQuota(context: PluginContext): AdmissionPlugin {
  const queues = new Map<string, Waiting[]>();
  const enqueue = (request: AdmissionRequest): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error));
      const queue = queues.get(request.namespace);
      if (queue) return void queue.push({ request, settle });
      queues.set(request.namespace, [{ request, settle }]);
      void work(request.namespace);
    });
  const work = async (namespace: string): Promise<void> => {
    const queue = queues.get(namespace)!;
    while (queue.length > 0) await chargeAll(context, namespace, queue.splice(0));
    queues.delete(namespace);
  };
  return {
    name: "ResourceQuota",
    handles: ({ operation, group, resource, subresource }) =>
      (operation === "CREATE" || operation === "UPDATE") && mayCharge(group, resource, operation, subresource),
    async validate(request) {
      if (request.namespace === "" || !isCharging(request)) return;
      const collection = context.objects.collection(resources.resourceQuotas);
      if (collection.count() === 0) return;
      await enqueue(request);
    },
  };
}

function mayCharge(group: string, resource: string, operation: string, subresource: string): boolean {
  const key = `${group}/${resource}`;
  // Namespaces lie in none, and events come and go too fast to be counted.
  if (["/namespaces", "/events", "events.k8s.io/events"].includes(key)) return false;
  if (key.startsWith("authorization.k8s.io/") || key.startsWith("authentication.k8s.io/")) return false;
  if (key === "/pods") return subresource === (operation === "UPDATE" ? "resize" : "") || subresource === "";
  if (key === "/persistentvolumeclaims") return subresource === "" || subresource === "status";
  if (subresource !== "") return false;
  return operation === "CREATE" || key === "/services";
}

/** Charges the requests one after the other, and writes what changed in one go. Never rejects: each request is told. */
async function chargeAll(
  { objects, clock }: PluginContext,
  namespace: string,
  waiting: readonly Waiting[],
): Promise<void> {
  const collection = objects.collection(resources.resourceQuotas);
  let open = [...waiting];
  for (let attempt = 1; open.length > 0; attempt++) {
    const { items } = await collection.list({ keyPrefix: `${namespace}/` });
    const originals = items.map((item) => item.object as ResourceQuota);
    let quotas: readonly ResourceQuota[] = originals;
    const charged: Waiting[] = [];
    for (const entry of open) {
      const { request, settle } = entry;
      try {
        const after = chargeQuotas(quotas, request, quotaEvaluatorOf(request.group, request.resource), clock.now());
        if (after === quotas || request.dryRun) settle();
        else {
          quotas = after;
          charged.push(entry);
        }
      } catch (error) {
        settle(error);
      }
    }
    const writes = items.flatMap((item, index) => {
      const quota = quotas[index]!;
      return quota === originals[index] ? [] : [collection.put(item.key, structuredClone(quota), item.revision)];
    });
    const isWritten = await Promise.all(writes).then(
      (results) => results.every((result) => result.written),
      (error: unknown) => error,
    );
    if (isWritten === true) {
      for (const { settle } of charged) settle();
      return;
    }
    open = charged;
    if (isWritten === false && attempt < mostTries) continue;
    const failure = isWritten === false ? tooBusy() : isWritten;
    for (const { settle } of open) settle(failure);
    return;
  }
}

function tooBusy(): StatusError {
  return new StatusError({
    code: 409,
    reason: "Conflict",
    message: "resource quotas of the namespace changed too often to be charged, please try again",
  });
}
