// What pods request of a resource, in thousandths. Pure.

import { isPodLevelResource, type Pod, podRequests, quantityMilliValue } from "#kubernetes/api";

/** By the names of the pods. Throws, in upstream's words, where one does not say. */
export function requestsOf(pods: readonly Pod[], resource: string, container: string): Map<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name ?? "", requestOf(pod, resource, container)]));
}

function requestOf(pod: Pod, resource: string, container: string): number {
  const podName = pod.metadata.name;
  const saysAsWhole = Object.keys(pod.spec?.resources?.requests ?? {}).some(isPodLevelResource);
  if (saysAsWhole && container === "") {
    const request = podRequests(pod)[resource];
    if (request === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${podName}`);
    return quantityMilliValue(request);
  }
  const { containers = [], initContainers = [] } = pod.spec ?? {};
  const running = [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")];
  const wanted = container === "" ? running : running.filter(({ name }) => name === container);
  if (container !== "" && wanted.length === 0) throw new Error(`container ${container} not found in Pod ${podName}`);
  return wanted.reduce((total, { name, resources }) => {
    const request = resources?.requests?.[resource];
    if (request === undefined)
      throw new Error(`missing request for ${resource} in container ${name} of Pod ${podName}`);
    return total + quantityMilliValue(request);
  }, 0);
}
