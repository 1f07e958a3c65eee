// Keeps the list of managers short: when too many update an object, the oldest are folded into one.

import { union } from "./fields/field-set.ts";
import { identifierOf, isSameManager, type Manager, secondsOf } from "./managed-fields.ts";

const mostUpdaters = 10;
/** Who owns what the folded managers owned. */
const bucketName = "ancient-changes";

/**
 * The managers, with the oldest updaters of each version folded together until at most ten updaters remain, or one for each
 * version. Appliers never are.
 */
export function capManagers(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter((manager) => manager.operation === "Update");
  let excess = updaters.length - mostUpdaters;
  if (excess <= 0) return managers;
  let kept = [...managers];
  const oldest = new Map<string, Manager>();
  for (const manager of updaters.toSorted(compareByAge)) {
    if (excess <= 0) break;
    const first = oldest.get(manager.apiVersion);
    if (first) {
      kept = fold(kept, first, manager);
      excess--;
    } else {
      oldest.set(manager.apiVersion, manager);
    }
  }
  return kept;
}

/** Folds a manager into its version's bucket, which begins as the version's oldest manager. */
function fold(managers: readonly Manager[], first: Manager, manager: Manager): Manager[] {
  const identity = {
    name: bucketName,
    operation: "Update",
    apiVersion: manager.apiVersion,
    subresource: "",
  } as const;
  const existing = managers.find((one) => isSameManager(one, identity));
  const base = existing ?? first;
  // The time of the younger of the two, since managers are folded from the oldest on.
  const bucket: Manager = { ...identity, time: manager.time, fields: union(manager.fields, base.fields) };
  return [...managers.filter((one) => one !== base && one !== manager), bucket];
}

function compareByAge(a: Manager, b: Manager): number {
  return secondsOf(a.time) - secondsOf(b.time) || (identifierOf(a) < identifierOf(b) ? -1 : 1);
}
