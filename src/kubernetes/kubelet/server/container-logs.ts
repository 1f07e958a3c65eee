// Which run of a container a request for logs means, and why there may be none yet. Upstream's words. Pure.

import type { Pod } from "#kubernetes/api";
import { ServerError } from "./host.ts";

/** The id of the run, as statuses write it. Throws ServerError where there is nothing to read. */
export function chooseRun(pod: Pod, container: string, previous: boolean): string {
  const name = pod.metadata.name ?? "";
  const where = `container ${JSON.stringify(container)} in pod ${JSON.stringify(name)}`;
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  const all = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses];
  const status = all.find((each) => each.name === container);
  const fail = (why: string) => new ServerError(400, why);
  if (!status) throw fail(`${where} is not available`);
  const { state = {}, lastState, containerID } = status;
  const last = lastState?.terminated?.containerID;
  if (previous) {
    if (last) return last;
    throw fail(`previous terminated ${where} not found`);
  }
  if (state.running) return containerID ?? "";
  if (state.terminated || lastState?.terminated) {
    const id = state.terminated?.containerID || last;
    if (id) return id;
    throw fail(`${where} is terminated`);
  }
  if (!state.waiting) throw fail(`${where} is waiting to start - no logs yet`);
  throw fail(`${where} is waiting to start: ${explain(state.waiting.reason ?? "")}`);
}

function explain(reason: string): string {
  if (reason === "ErrImagePull") return "image can't be pulled";
  if (reason === "ImagePullBackOff") return "trying and failing to pull image";
  return reason;
}
