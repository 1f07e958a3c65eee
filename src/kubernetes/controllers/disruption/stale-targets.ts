// Takes the word back from pods that say they are to be disrupted, when nobody has come to delete them.

import { formatKey, keyOf, type Pod, parseKey, resources } from "#kubernetes/api";
import { createController, done, formatTime, requeueAfter, watch } from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { patchPodStatus } from "../pods/disruption-target.ts";
import { msUntilStale } from "./plan.ts";

export function createStaleTargetController(context: ControllerContext): ControllerProcess {
  const { client, informers, clock } = context;
  const pods = informers.informer(resources.pods);
  return createController({
    ...context,
    name: "stale_pod_disruption",
    workers: 1,
    watches: [
      watch(pods, (queue) => {
        const add = (pod: Pod) => {
          const waitMs = msUntilStale(pod, clock.now());
          if (waitMs !== undefined) queue.addAfter(formatKey(keyOf(pod)), waitMs);
        };
        return { added: add, updated: add };
      }),
    ],
    async reconcile(key, { signal }) {
      const pod = pods.get(parseKey(key));
      const waitMs = pod && msUntilStale(pod, clock.now());
      if (!pod || waitMs === undefined) return done;
      if (waitMs > 0) return requeueAfter(waitMs);
      const { generation } = pod.metadata;
      const condition = {
        type: "DisruptionTarget",
        status: "False",
        reason: null,
        message: null,
        lastTransitionTime: formatTime(clock.now()),
        ...(generation !== undefined && { observedGeneration: generation }),
      };
      const writes = new OwnWrites();
      writes.note(pods, await patchPodStatus(client, pod, { conditions: [condition] as never }, signal));
      await writes.seen(signal);
      return done;
    },
  });
}
