// What a Job's policies make of failed pods and of succeeded indexes. Pure.

import type { ContainerStatus, Job, Pod, PodFailurePolicyRule } from "#kubernetes/api";
import { countIndexes, countOverlap, type Intervals, parseIntervals } from "./intervals.ts";

export interface FailureVerdict {
  /** The action of the rule that matched; undefined where none did. */
  readonly action: "Ignore" | "Count" | "FailIndex" | "FailJob" | undefined;
  /** The failure counts towards the Job's limits. */
  readonly counts: boolean;
  /** Why the whole Job fails. */
  readonly message?: string;
}

const counted: FailureVerdict = { action: undefined, counts: true };

export function judgeFailure(pod: Pod, { spec }: Job): FailureVerdict {
  for (const [position, rule] of (spec?.podFailurePolicy?.rules ?? []).entries()) {
    const cause = findCause(pod, rule);
    if (cause === undefined) continue;
    switch (rule.action) {
      case "Ignore":
        return { action: "Ignore", counts: false };
      case "FailIndex":
      case "Count":
        return { action: rule.action, counts: true };
      case "FailJob":
        return { action: "FailJob", counts: true, message: `${cause} matching FailJob rule at index ${position}` };
    }
  }
  return counted;
}

/** How the rule matches, for people to read; undefined where it does not. */
function findCause({ metadata, status }: Pod, rule: PodFailurePolicyRule): string | undefined {
  const name = `${metadata.namespace}/${metadata.name}`;
  if (rule.onExitCodes) {
    const { containerName, operator, values } = rule.onExitCodes;
    const matches = ({ name: container, state }: ContainerStatus) => {
      const code = state?.terminated?.exitCode ?? 0;
      const isMeant = containerName === undefined || containerName === container;
      return isMeant && code !== 0 && values.includes(code) === (operator === "In");
    };
    const container = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find(matches);
    if (!container) return undefined;
    return `Container ${container.name} for pod ${name} failed with exit code ${container.state?.terminated?.exitCode}`;
  }
  const condition = status?.conditions?.find(({ type, status: state }) =>
    rule.onPodConditions?.some((pattern) => pattern.type === type && pattern.status === state),
  );
  return condition && `Pod ${name} has condition ${condition.type}`;
}

/** The message of the first success rule that is fulfilled. */
export function matchSuccessPolicy({ spec }: Job, succeeded: Intervals): string | undefined {
  if (succeeded.length === 0) return undefined;
  const rules = spec?.successPolicy?.rules ?? [];
  const position = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) {
      return succeededCount !== undefined && countIndexes(succeeded) >= succeededCount;
    }
    const required = parseIntervals(succeededIndexes, spec?.completions ?? 0);
    if (required.length === 0) return false;
    const reached = countOverlap(required, succeeded);
    return reached === countIndexes(required) || (succeededCount !== undefined && reached >= succeededCount);
  });
  return position < 0 ? undefined : `Matched rules at index ${position}`;
}
