// Which controllers run, by the names of --controllers.

import type { ControllerDefinition } from "./controller-definition.ts";

/** What --controllers takes: "*" for all that are on by default, a name to add one, "-name" to leave one out. */
export type ControllerSelection = readonly string[];

/** Throws for a name there is no controller of. The first word about a controller decides. */
export function selectControllers(
  all: readonly ControllerDefinition[],
  selection: ControllerSelection,
): ControllerDefinition[] {
  const byName = new Map<string, string>();
  for (const { name, aliases } of all) for (const known of [name, ...aliases]) byName.set(known, name);
  const words = selection.map((word) => {
    const isOff = word.startsWith("-");
    const name = byName.get(isOff ? word.slice(1) : word);
    if (name === undefined && word !== "*") {
      throw new Error(`"${isOff ? word.slice(1) : word}" is not in the list of known controllers`);
    }
    return { name, isOff };
  });
  const hasAll = selection.includes("*");
  return all.filter(({ name, isOffByDefault }) => {
    const word = words.find((candidate) => candidate.name === name);
    return word ? !word.isOff : hasAll && !isOffByDefault;
  });
}
