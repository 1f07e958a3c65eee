// What a plan means for what a person knows: their machines and add-ons, and the cluster around them. Pure: from the plan and what
// its checks found.

import type { Journal } from "./journal.ts";
import type { Plan } from "./plan.ts";
import type { Phase, Step, StepState } from "./step.ts";

export type PlannedAction = "nothing" | "create" | "in place" | "replace" | "remove";

export interface PlannedStep {
  readonly id: string;
  readonly phase: Phase;
  readonly title: string;
  readonly needs: readonly string[];
  readonly action: PlannedAction;
  readonly reason: string;
}

/** A machine with all that runs on it, an add-on, or something the cluster has once. */
export interface PlannedSubject {
  readonly kind: "machine" | "add-on" | "cluster";
  readonly name: string;
  readonly action: PlannedAction;
  readonly reason: string;
}

export interface PlanDescription {
  readonly cluster: string;
  readonly steps: readonly PlannedStep[];
  readonly subjects: readonly PlannedSubject[];
  /** Whether anything would be done. Looking whether nodes are ready is nothing. */
  readonly hasChanges: boolean;
}

/** Simulated nodes are one step, however many there are; so what becomes of each is told beside the plan. */
export interface SimulatedNodeNames {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface PlanFindings {
  /** What checkPlan has found. */
  readonly states: ReadonlyMap<string, StepState>;
  readonly journal: Journal;
  readonly simulated: SimulatedNodeNames;
}

export function describePlan(plan: Plan, findings: PlanFindings): PlanDescription {
  const steps = [
    ...plan.retired.map((step) => describeStep(step, "remove", "is no longer wanted")),
    ...plan.steps.map((step) => describeState(step, findings)),
  ];
  const grouped = Map.groupBy(
    steps.filter(({ phase }) => phase !== "verify"),
    ({ id }) => subjectKey(id),
  );
  const nodes = describeSimulated(findings.simulated, grouped.get(simulatedKey)?.[0]);
  grouped.delete(simulatedKey);
  const subjects = [...grouped].map(([key, own]) => describeSubject(key, own));
  const all = [...subjects.filter(isMachine), ...nodes, ...subjects.filter((subject) => !isMachine(subject))];
  return { cluster: plan.cluster, steps, subjects: all, hasChanges: all.some(({ action }) => action !== "nothing") };
}

/** The machines that what is planned takes away, if only to put others in their places. */
export function lostMachines({ subjects }: PlanDescription): readonly PlannedSubject[] {
  return subjects.filter(
    (subject) => isMachine(subject) && (subject.action === "remove" || subject.action === "replace"),
  );
}

function isMachine({ kind }: PlannedSubject): boolean {
  return kind === "machine";
}

const simulatedKey = "cluster/simulated-nodes";

/** "machine/demo-worker-1", "add-on/dns" or "cluster/network". */
function subjectKey(id: string): string {
  const [phase, part, machine] = id.split("/");
  if (phase === "addons") return `add-on/${part}`;
  return machine === undefined ? `cluster/${part}` : `machine/${machine}`;
}

function describeStep({ id, phase, title, needs }: Step, action: PlannedAction, reason: string): PlannedStep {
  return { id, phase, title, needs, action, reason };
}

function describeState(step: Step, { states, journal }: PlanFindings): PlannedStep {
  const state = states.get(step.id) ?? { state: "done" };
  if (step.phase === "verify") return describeStep(step, "nothing", "is looked at each time");
  if (state.state === "done") return describeStep(step, "nothing", "is as wanted");
  if (state.state === "differs") return describeStep(step, state.change, state.reason);
  // What was made once and is not as it was is mended where it stands; the rest is made.
  const wasMade = journal.progressOf(step.id) !== "none" && step.phase !== "provision";
  return describeStep(step, wasMade ? "in place" : "create", state.reason);
}

/** A machine is created, replaced or removed with what runs on it; where it stays, changes to that are in place. */
function describeSubject(key: string, steps: readonly PlannedStep[]): PlannedSubject {
  const split = key.indexOf("/");
  const kind = key.slice(0, split) as PlannedSubject["kind"];
  const name = key.slice(split + 1);
  const base = steps.find(({ phase }) => phase === "provision") ?? steps[0]!;
  if (base.action !== "nothing") return { kind, name, action: base.action, reason: base.reason };
  const changed = steps.filter(({ action }) => action !== "nothing");
  if (changed.length === 0) return { kind, name, action: "nothing", reason: base.reason };
  const reasons = changed.map(({ id, reason }) => `${describePart(id)}: ${reason}`);
  return { kind, name, action: "in place", reason: reasons.join("; ") };
}

/** What a step of a machine makes there: "bootstrap/node/demo-worker-1" is its agent. */
function describePart(id: string): string {
  const part = id.split("/")[1]!;
  return part === "node" ? "agent" : part;
}

function describeSimulated({ before, after }: SimulatedNodeNames, step?: PlannedStep): PlannedSubject[] {
  const [old, wanted] = [new Set(before), new Set(after)];
  const node = (name: string, action: PlannedAction, reason: string): PlannedSubject => {
    return { kind: "machine", name, action, reason };
  };
  const isAsIs = step === undefined || step.action === "nothing" || old.size !== wanted.size || !old.isSubsetOf(wanted);
  return [
    ...before.filter((name) => !wanted.has(name)).map((name) => node(name, "remove", "is no longer wanted")),
    ...after.map((name) => {
      if (!old.has(name)) return node(name, "create", "is not there");
      return isAsIs ? node(name, "nothing", "is as wanted") : node(name, "in place", step.reason);
    }),
  ];
}
