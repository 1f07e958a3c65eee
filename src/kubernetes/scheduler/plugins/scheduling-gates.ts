// SchedulingGates: keeps pods out of the queue until all of their spec.schedulingGates are taken away.

import type { Pod } from "#kubernetes/api";
import type { EventInterest } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { success, unresolvable } from "../status.ts";

const name = "SchedulingGates";

const gatesEliminated: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["UpdatePodSchedulingGatesEliminated"],
  isWorthTrying: (pod, _old, now) => now?.metadata.uid === pod.metadata.uid,
};

export function createSchedulingGates(): Plugin {
  return {
    name,
    events: [gatesEliminated],
    preEnqueue({ pod }) {
      const gates = pod.spec?.schedulingGates ?? [];
      if (gates.length === 0) return success;
      return unresolvable(name, `waiting for scheduling gates: [${gates.map((gate) => gate.name).join(" ")}]`);
    },
  };
}
