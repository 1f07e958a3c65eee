// Who of the mutating webhooks and policies has to see an object again, because it was changed after they had seen it.

import { encodeJson } from "#kubernetes/api";
import type { AdmissionRequest, MutationRound } from "./admission.ts";

/** What one plug-in remembers from the first round for the second. */
export interface ReinvocationMemory {
  /** The object as the plug-in has left it. */
  output: string;
  /** Those that want to see it again, should it be changed after them. */
  readonly called: Set<string>;
  /** Of these, the ones after whom it was. */
  readonly due: Set<string>;
}

/** The plug-in's memory; in the second round all are due where others have changed the object in between. */
export function reinvocationMemory(
  plugin: string,
  { isReinvocation, memory }: MutationRound,
  request: AdmissionRequest,
): ReinvocationMemory {
  const known = memory.get(plugin) as ReinvocationMemory | undefined;
  const own = known ?? { output: "", called: new Set<string>(), due: new Set<string>() };
  memory.set(plugin, own);
  if (isReinvocation && own.called.size > 0 && own.output !== textOf(request)) markAllDue(own);
  return own;
}

/** To be called when the plug-in is through. Where nobody wants to see the object again, nothing need be remembered. */
export function noteOutput(memory: ReinvocationMemory, request: AdmissionRequest): void {
  memory.output = memory.called.size > 0 ? textOf(request) : "";
}

/** The object was changed: all who had seen it before want to see it again. */
export function requireOthers(memory: ReinvocationMemory, round: MutationRound): void {
  markAllDue(memory);
  round.requestReinvocation();
}

function markAllDue({ called, due }: ReinvocationMemory): void {
  for (const key of called) due.add(key);
  called.clear();
}

/** The object under admission, to compare. */
export function textOf({ object }: AdmissionRequest): string {
  return object ? encodeJson(object) : "";
}
