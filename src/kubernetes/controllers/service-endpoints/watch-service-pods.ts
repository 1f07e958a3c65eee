// Which services a change of a pod concerns.

import { formatKey, keyOf, type Pod, type Service } from "#kubernetes/api";
import type { Informer } from "#kubernetes/client";
import { type Watch, watch } from "#kubernetes/runtime";
import { endpointChange, servicesOfPod } from "./service-pods.ts";

/** Queues the services whose endpoints a change of a pod touches; `delayMs` lets large services gather changes first. */
export function watchServicePods(
  pods: Informer<Pod>,
  services: Informer<Service>,
  delayMs: (service: Service) => number = () => 0,
): Watch {
  return watch(pods, (queue) => {
    const add = (affected: Iterable<Service>) => {
      for (const service of affected) queue.addAfter(formatKey(keyOf(service)), delayMs(service));
    };
    const addAll = (pod: Pod) => add(servicesOfPod(services, pod));
    return {
      added: addAll,
      deleted: addAll,
      updated(pod, old) {
        const change = endpointChange(pod, old);
        if (!change.endpoint && !change.membership) return;
        const now = servicesOfPod(services, pod);
        if (!change.membership) add(now);
        else {
          const before = servicesOfPod(services, old);
          add(change.endpoint ? new Set([...before, ...now]) : new Set(before).symmetricDifference(new Set(now)));
        }
      },
    };
  });
}
