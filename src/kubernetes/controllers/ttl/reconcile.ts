// Tells nodes, by an annotation, for how long kubelets may keep what they have read.

import { isNotFound, resources } from "#kubernetes/api";
import { createController, done, type ReconcileContext, type ReconcileResult, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { planTtl, ttlAnnotation, ttlStep } from "./plan.ts";

export function createTtlController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const nodes = informers.informer(resources.nodes);
  let step = 0;

  const reconcile = async (name: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const node = nodes.get({ name });
    const ttl = node && planTtl(node, step);
    if (ttl === undefined) return done;
    const body = { metadata: { annotations: { [ttlAnnotation]: ttl } } };
    try {
      await client.patch(resources.nodes, { name }, { type: "merge", body }, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return done;
  };

  return createController({
    ...context,
    name: "ttlcontroller",
    reconcile,
    watches: [
      watch(nodes, (queue) => {
        const recount = () => {
          const next = ttlStep(step, nodes.size);
          if (next === step) return;
          step = next;
          for (const { metadata } of nodes.list()) queue.add(metadata.name ?? "");
        };
        return {
          added(node) {
            queue.add(node.metadata.name ?? "");
            recount();
          },
          updated(node) {
            if (planTtl(node, step) !== undefined) queue.add(node.metadata.name ?? "");
          },
          deleted: recount,
        };
      }),
    ],
  });
}
