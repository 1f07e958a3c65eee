// The row of a Pod in a Table: above all its state in one word, which sums up phase, containers and conditions.

import type { ContainerStateTerminated, ContainerStatus, PodCondition } from "../../../generated/types.ts";
import type { TableRow } from "../../kind-definition.ts";
import { noneCell } from "../../table/cells.ts";
import { formatAge } from "../../table/human-duration.ts";
import { isSidecar } from "../resources/pod-totals.ts";
import type { DecodedPod } from "./decoded-pod.ts";

/** How far the containers are, as far as they were looked at. */
interface Progress {
  readonly ready: number;
  readonly restarts: Restarts;
  /** What overrides the phase, if anything does. */
  readonly reason: string | undefined;
}

interface Restarts {
  readonly count: number;
  /** When a container last ended to be started again; empty for never. */
  readonly last: string;
}

const completed: Readonly<Record<string, string>> = {
  Succeeded: "The pod has completed successfully.",
  Failed: "The pod failed.",
};

export function podRow(pod: DecodedPod, now: number): TableRow {
  const { metadata, spec, status } = pod;
  const { ready, restarts, reason } = readProgress(pod);
  const total = (spec.containers ?? []).length + (spec.initContainers ?? []).filter(isSidecar).length;
  const cells = [
    metadata.name,
    `${ready}/${total}`,
    describeDeletion(pod) ?? reason ?? describePhase(pod),
    formatRestarts(restarts, now),
    formatAge(metadata.creationTimestamp, now),
    status.podIPs?.[0]?.ip || noneCell,
    spec.nodeName || noneCell,
    status.nominatedNodeName || noneCell,
    formatReadinessGates(pod),
  ];
  const { phase = "" } = status;
  const message = completed[phase];
  if (message === undefined) return { cells };
  return { cells, conditions: [{ type: "Completed", status: "True", reason: phase, message }] };
}

function describePhase({ status }: DecodedPod): string {
  const isGated = (status.conditions ?? []).some(
    ({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated",
  );
  return isGated ? "SchedulingGated" : status.reason || (status.phase ?? "");
}

function describeDeletion({ metadata, status }: DecodedPod): string | undefined {
  if (!metadata.deletionTimestamp) return undefined;
  if (status.reason === "NodeLost") return "Unknown";
  return status.phase === "Succeeded" || status.phase === "Failed" ? undefined : "Terminating";
}

function readProgress(pod: DecodedPod): Progress {
  const initialization = readInitialization(pod);
  const { seen, ready, reason } = initialization;
  const isInitializing = reason !== undefined && !hasCondition(pod.status.conditions, "Initialized");
  return isInitializing ? { ready, reason, restarts: sumRestarts(seen) } : readContainers(pod, initialization);
}

interface Initialization {
  readonly ready: number;
  readonly reason: string | undefined;
  readonly seen: readonly ContainerStatus[];
  readonly seenSidecars: readonly ContainerStatus[];
}

/** Init containers one after the other, up to the one that is not done; its reason says which. */
function readInitialization({ spec, status }: DecodedPod): Initialization {
  const containers = spec.initContainers ?? [];
  const statuses = status.initContainerStatuses ?? [];
  const sidecars = new Set(containers.filter(isSidecar).map(({ name }) => name));
  const isStarted = ({ name, started }: ContainerStatus): boolean => sidecars.has(name) && started === true;
  const unfinished = statuses.findIndex(
    (container) => container.state?.terminated?.exitCode !== 0 && !isStarted(container),
  );
  const seen = unfinished < 0 ? statuses : statuses.slice(0, unfinished + 1);
  const seenSidecars = seen.filter(({ name }) => sidecars.has(name));
  const ready = seenSidecars.filter(
    (container) => container.ready && isStarted(container) && container.state?.terminated?.exitCode !== 0,
  ).length;
  if (unfinished < 0) return { ready, seen, seenSidecars, reason: undefined };
  const reason = describeUnfinished(statuses[unfinished]!) ?? `${unfinished}/${containers.length}`;
  return { ready, seen, seenSidecars, reason: `Init:${reason}` };
}

function describeUnfinished({ state }: ContainerStatus): string | undefined {
  if (state?.terminated) return describeEnd(state.terminated);
  const reason = state?.waiting?.reason;
  return reason && reason !== "PodInitializing" ? reason : undefined;
}

function describeEnd({ reason, signal, exitCode }: ContainerStateTerminated): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

/** All containers, of which the first has the last word. */
function readContainers(pod: DecodedPod, initialization: Initialization): Progress {
  const { status } = pod;
  const containers = status.containerStatuses ?? [];
  let { ready, reason } = initialization;
  let failure: string | undefined;
  let isRunning = false;
  for (const container of containers.toReversed()) {
    const { waiting, terminated, running } = container.state ?? {};
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated) {
      reason = describeEnd(terminated);
      if (terminated.exitCode !== 0) failure = reason;
    } else if (container.ready && running) {
      isRunning = true;
      ready++;
    }
  }
  if ((reason ?? describePhase(pod)) === "Completed") {
    if (isRunning && hasCondition(status.conditions, "Ready")) reason = "Running";
    else reason = failure ?? (isRunning ? "NotReady" : reason);
  }
  return { ready, reason, restarts: sumRestarts([...initialization.seenSidecars, ...containers]) };
}

function sumRestarts(containers: readonly ContainerStatus[]): Restarts {
  let count = 0;
  let last = "";
  for (const { restartCount, lastState } of containers) {
    count += restartCount;
    const finishedAt = lastState?.terminated?.finishedAt ?? "";
    if (finishedAt > last) last = finishedAt;
  }
  return { count, last };
}

function formatRestarts({ count, last }: Restarts, now: number): string {
  return count !== 0 && last !== "" ? `${count} (${formatAge(last, now)} ago)` : String(count);
}

function formatReadinessGates({ spec, status }: DecodedPod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return noneCell;
  const met = gates.filter(({ conditionType }) => {
    return status.conditions?.find(({ type }) => type === conditionType)?.status === "True";
  });
  return `${met.length}/${gates.length}`;
}

function hasCondition(conditions: readonly PodCondition[] | undefined, type: string): boolean {
  return (conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
}
