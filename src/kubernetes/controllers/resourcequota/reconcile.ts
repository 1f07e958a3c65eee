// The resource quota controller: counts what is used in namespaces that have quotas. Admission charges what is created; this
// gives back what has gone, and puts right what is wrong.

import {
  formatKey,
  type KubeObject,
  keyOf,
  parseKey,
  quotaEvaluatorOf,
  type Resource,
  type ResourceQuota,
  resources,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  watch,
} from "#kubernetes/runtime";
import type { Clock } from "#shared";
import { isSameJson } from "../canonical-json.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { ResourceMonitors } from "../resource-monitors.ts";
import { concerns, planStatus } from "./plan.ts";

interface Parts {
  readonly client: Client;
  readonly clock: Clock;
  readonly quotas: Informer<ResourceQuota>;
  /** The namespaced resources that are watched. */
  readonly monitored: Map<Resource, Informer<KubeObject>>;
  readonly add: (quota: ResourceQuota, delayMs?: number) => void;
}

/** What was charged when it was created should be right already; it is looked at once much has come. */
const createdDelayMs = 1000;
/** --resource-quota-sync-period. */
const syncPeriodMs = 5 * 60_000;

export function createResourceQuotaController(context: ControllerContext): ControllerProcess {
  const { client, informers, clock } = context;
  const quotas = informers.informer(resources.resourceQuotas);
  const abort = new AbortController();
  const monitored = new Map<Resource, Informer<KubeObject>>();
  const add = (quota: ResourceQuota, delayMs = 0) => controller.queue.addAfter(formatKey(keyOf(quota)), delayMs);
  const parts: Parts = { client, clock, quotas, monitored, add };
  const controller = createController({
    ...context,
    name: "resourcequota_primary",
    reconcile: (key, reconcileContext) => reconcileQuota(key, parts, reconcileContext),
    watches: [
      watch(quotas, () => ({
        added: (quota) => add(quota),
        updated(quota, old) {
          if (!isSameJson(quota.spec, old.spec)) add(quota);
        },
      })),
    ],
  });
  const monitors = new ResourceMonitors({
    context,
    signal: abort.signal,
    onResource: (resource, informer) => monitor(resource, informer, parts),
  });
  return {
    // No quota is counted before all is known that there is to count.
    start() {
      void monitors.start().then(
        () => controller.start(),
        () => undefined,
      );
    },
    async stop() {
      abort.abort(new Error("the resource quota controller stops"));
      monitors.end();
      await controller.stop();
    },
  };
}

function monitor(resource: Resource, informer: Informer<KubeObject>, parts: Parts): () => void {
  if (!resource.namespaced) return () => {};
  const { monitored, quotas, clock, add } = parts;
  const evaluator = quotaEvaluatorOf(resource.group, resource.resource);
  monitored.set(resource, informer);
  const quotasOf = ({ metadata }: KubeObject) => quotas.list(metadata.namespace ?? "");
  const addCounting = (object: KubeObject, delayMs: number) => {
    for (const quota of quotasOf(object)) {
      if (Object.keys(quota.spec?.hard ?? {}).some((name) => evaluator.counts(name))) add(quota, delayMs);
    }
  };
  const remove = informer.addHandler({
    added(object, isInitialList) {
      if (!isInitialList) addCounting(object, createdDelayMs);
    },
    updated(object, old) {
      for (const quota of quotasOf(object)) {
        if (concerns(quota, evaluator, { object, old }, clock.now())) add(quota);
      }
    },
    deleted: (object) => addCounting(object, 0),
  });
  return () => {
    monitored.delete(resource);
    remove();
  };
}

async function reconcileQuota(
  key: string,
  parts: Parts,
  { clock, signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const { client, quotas, monitored } = parts;
  const quota = quotas.get(parseKey(key));
  if (!quota) return done;
  const { namespace = "" } = quota.metadata;
  const counted = [...monitored].map(([{ group, resource }, informer]) => ({
    evaluator: quotaEvaluatorOf(group, resource),
    list: () => informer.list(namespace),
  }));
  const status = planStatus(quota, counted, clock.now());
  if (status) {
    const writes = new OwnWrites();
    const options = { subresource: "status", signal };
    writes.note(quotas, await client.update(resources.resourceQuotas, { ...quota, status }, options));
    await writes.seen(signal);
  }
  return requeueAfter(syncPeriodMs);
}
