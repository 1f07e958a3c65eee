// How a diff of an add-on is shown: a headline, a line for each object that changes, its fields below it. Pure.

import type { AddonDiff, FieldDifference, ObjectAction, ObjectChange } from "#addons";

const signs: Readonly<Record<ObjectAction, string>> = {
  create: "+",
  change: "~",
  replace: "±",
  remove: "-",
  nothing: " ",
};
const words: Readonly<Record<ObjectAction, string>> = {
  create: "to create",
  change: "to change",
  replace: "to make anew",
  remove: "to remove",
  nothing: "as they are",
};

/** Ends with a line end. */
export function formatDiff(diff: AddonDiff): string {
  const changed = diff.objects.filter(({ action, problem }) => action !== "nothing" || problem !== undefined);
  return [`${formatHeadline(diff)}\n`, ...changed.map(formatObject)].join("");
}

function formatHeadline(diff: AddonDiff): string {
  const { addon, installed, version, wasInstalled, isApplied, hasChanges, objects } = diff;
  const name =
    version === undefined
      ? addon
      : installed === undefined || installed === version
        ? `${addon} ${version}`
        : `${addon} ${installed} → ${version}`;
  if (!hasChanges) return `${name}: as wanted, ${count(objects.length)}`;
  const state = wasInstalled ? (isApplied ? "has drifted" : "differs") : "is not installed";
  const groups = Map.groupBy(objects, ({ action }) => action);
  const order = Object.keys(words) as ObjectAction[];
  const counts = order
    .filter((action) => groups.has(action))
    .map((action) => `${groups.get(action)!.length} ${words[action]}`);
  return `${name}: ${[state, ...counts].join(", ")}`;
}

function count(objects: number): string {
  return objects === 1 ? "1 object" : `${objects} objects`;
}

function formatObject(change: ObjectChange): string {
  const { kind, namespace, name, action, fields, conflicts = [], immutable = [], problem } = change;
  const lines = [
    `  ${signs[action]} ${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`,
    ...fields.flatMap(formatField).map((line) => `      ${line}`),
    ...immutable.map((field) => `      ! ${field} cannot change: the object is deleted and made anew`),
    ...conflicts.map(
      ({ field, manager }) => `      ! ${field} was set by ${manager}: refused, unless it is to be overwritten`,
    ),
    ...(problem === undefined ? [] : [`      ! ${problem}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function formatField({ path, before, after }: FieldDifference): string[] {
  if (isLong(before) && isLong(after)) return [`${path}:`, ...diffLines(before, after)];
  if (before === undefined) return [`${path}: ${formatValue(after)} (new)`];
  if (after === undefined) return [`${path}: ${formatValue(before)} (goes)`];
  return [`${path}: ${formatValue(before)} → ${formatValue(after)}`];
}

const longestValue = 72;

function formatValue(value: unknown): string {
  const text =
    typeof value === "string"
      ? /^[\w./:@+-]+$|^\(hidden\)$/.test(value)
        ? value
        : JSON.stringify(value)
      : JSON.stringify(value);
  return text.length <= longestValue ? text : `${text.slice(0, longestValue - 1)}…`;
}

function isLong(value: unknown): value is string {
  return typeof value === "string" && value.includes("\n");
}

const mostLines = 20;

/** The lines between what is the same at the beginning and at the end. */
function diffLines(before: string, after: string): string[] {
  const [old, wanted] = [before.split("\n"), after.split("\n")];
  let start = 0;
  while (start < old.length && start < wanted.length && old[start] === wanted[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, wanted.length) - start && old.at(-1 - end) === wanted.at(-1 - end)) end++;
  const lines = [
    ...old.slice(start, old.length - end).map((line) => `  - ${line}`),
    ...wanted.slice(start, wanted.length - end).map((line) => `  + ${line}`),
  ];
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines), `  … ${lines.length - mostLines} more lines`];
}
