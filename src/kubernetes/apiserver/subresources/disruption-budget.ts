// Taking one disruption from a budget, or saying why there is none to be had (upstream's checkAndDecrement). Pure.

import { forbidden, type PodDisruptionBudget, StatusError } from "#kubernetes/api";
import { formatTime } from "../registry/object-meta.ts";

/** Pods told apart by their name while the controller has not seen them go; more than that, and it is far behind. */
const mostDisrupted = 2000;

/** The budget with the pod counted as disrupted. Throws TooManyRequests, or Forbidden where the status makes no sense. */
export function spendDisruption(budget: PodDisruptionBudget, podName: string, now: number): PodDisruptionBudget {
  const { metadata, status = {} as NonNullable<PodDisruptionBudget["status"]> } = budget;
  const name = metadata.name ?? "";
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw refuse(`The disruption budget ${name} is still being processed by the server.`, processingSeconds);
  }
  const allowed = status.disruptionsAllowed ?? 0;
  const resource = { group: "policy", resource: "poddisruptionbudgets" };
  if (allowed < 0) throw forbidden(resource, name, "pdb disruptions allowed is negative");
  const disrupted = status.disruptedPods ?? {};
  if (Object.keys(disrupted).length > mostDisrupted) {
    throw forbidden(resource, name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (allowed === 0) {
    throw refuse(
      `The disruption budget ${name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`,
    );
  }
  const left = allowed - 1;
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: left,
      disruptedPods: { ...disrupted, [podName]: formatTime(now) },
      ...(left === 0 && { conditions: withoutDisruptions(status.conditions ?? [], now) }),
    },
  };
}

type Conditions = NonNullable<NonNullable<PodDisruptionBudget["status"]>["conditions"]>;

/** Says at once what the controller would say later. */
function withoutDisruptions(conditions: Conditions, now: number): Conditions {
  return conditions.map((condition) =>
    condition.type !== "DisruptionAllowed" || condition.status === "False"
      ? condition
      : { ...condition, status: "False", reason: "InsufficientPods", lastTransitionTime: formatTime(now) },
  );
}

/** When to ask again while the controller has not seen the budget as it is. */
const processingSeconds = 10;

function refuse(why: string, retryAfterSeconds?: number): StatusError {
  return new StatusError({
    code: 429,
    reason: "TooManyRequests",
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [{ reason: "DisruptionBudget", message: why }],
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    },
  });
}
