// What `up` would do to a cluster, found out without doing it: for `plan`, and for `up` before it takes machines away.

import {
  type ClusterConfig,
  diffConfigs,
  effectOf,
  type FieldChange,
  type FieldEffect,
  isSimulatedCluster,
} from "#config";
import {
  checkPlan,
  describePlan,
  lostMachines,
  nodeNames,
  type PlanDescription,
  type PlannedAction,
  type PlannedSubject,
  planCluster,
  readClusterConfig,
  readJournal,
  readSimulatedNodes,
} from "#turnup";
import { type NamedCluster, planInput } from "./cluster.ts";
import type { CliContext } from "./context.ts";
import { formatTable } from "./text/table.ts";
import { confirm } from "./wizard/confirm.ts";

export interface LookedAhead extends PlanDescription {
  /** Fields of the configuration that differ from what the cluster was last turned up with. */
  readonly fields: readonly (FieldChange & { readonly effect: FieldEffect })[];
}

/** Looks at all there is and changes nothing. */
export async function lookAhead(
  cluster: NamedCluster,
  config: ClusterConfig,
  context: CliContext,
): Promise<LookedAhead> {
  const { paths } = cluster;
  const journal = readJournal(paths.journal);
  const input = planInput(cluster, config, context);
  const plan = planCluster(input, journal.begunSteps());
  const states = await checkPlan(plan, { journal, signal: context.signal });
  const after = isSimulatedCluster(config) ? nodeNames(config, input.names) : [];
  const simulated = { before: readSimulatedNodes(paths), after };
  const stored = readClusterConfig(paths);
  const changes = stored ? diffConfigs(stored, config) : [];
  const fields = changes.map((change) => ({ ...change, effect: effectOf(change, config) }));
  return { ...describePlan(plan, { states, journal, simulated }), fields };
}

/** Whether the person agrees to lose machines; true where none would be lost, or where nobody sits at a terminal. */
export async function agreesToLoss(
  cluster: NamedCluster,
  config: ClusterConfig,
  context: CliContext,
): Promise<boolean> {
  if (!context.openKeyboard || !readClusterConfig(cluster.paths)) return true;
  const ahead = await lookAhead(cluster, config, context);
  const lost = lostMachines(ahead);
  if (lost.length === 0) return true;
  context.err(`${formatPlan(ahead)}\n`);
  const what = lost.length === 1 ? lost[0]!.name : `${lost.length} machines`;
  return confirm(context, `This takes ${what} away, with all that runs there. Go on?`);
}

const titles = { machine: "MACHINE", "add-on": "ADD-ON", cluster: "CLUSTER" } as const;

/** Tables of machines, add-ons and the rest, changed fields, and the sum. */
export function formatPlan({ cluster, subjects, fields, hasChanges }: LookedAhead): string {
  const tables = Object.entries(titles).flatMap(([kind, title]) => {
    const rows = foldRows(subjects.filter((subject) => subject.kind === kind));
    return rows.length === 0 ? [] : [formatTable([title, "ACTION", "WHY"], rows)];
  });
  const changes = fields.map(({ path, before, after, effect }) => [
    path,
    formatValue(before),
    formatValue(after),
    effect,
  ]);
  if (changes.length > 0) tables.push(formatTable(["FIELD", "BEFORE", "AFTER", "TAKES EFFECT"], changes));
  return [
    ...tables,
    hasChanges ? `${sumUp(cluster, subjects)}\n` : `Cluster ${cluster} is as wanted: nothing to do.\n`,
  ].join("\n");
}

const fewRows = 10;

/** One row each; many neighbours with the same fate become one. */
function foldRows(subjects: readonly PlannedSubject[]): string[][] {
  const runs: PlannedSubject[][] = [];
  for (const subject of subjects) {
    const last = runs.at(-1)?.at(-1);
    if (last?.action === subject.action && last.reason === subject.reason) runs.at(-1)!.push(subject);
    else runs.push([subject]);
  }
  return runs.flatMap((run) => {
    if (run.length <= fewRows) return run.map(({ name, action, reason }) => [name, action, reason]);
    const [first, last] = [run[0]!, run.at(-1)!];
    return [[`${first.name} … ${last.name} (${run.length})`, first.action, first.reason]];
  });
}

const verbs: readonly [PlannedAction, string][] = [
  ["create", "to create"],
  ["in place", "to change in place"],
  ["replace", "to replace"],
  ["remove", "to remove"],
  ["nothing", "as wanted"],
];

function sumUp(cluster: string, subjects: readonly PlannedSubject[]): string {
  const parts = verbs.flatMap(([wanted, verb]) => {
    const count = subjects.filter(({ action }) => action === wanted).length;
    return count === 0 ? [] : [`${count} ${verb}`];
  });
  return `Cluster ${cluster}: ${parts.join(", ")}.`;
}

function formatValue(value: unknown): string {
  return value === undefined ? "-" : JSON.stringify(value);
}
