// Which of the stages that match a resource comes next: one at random, by weight.

import type { KubeObject } from "#kubernetes/api";
import type { Stage } from "./compile-stage.ts";

/** `random` is from 0 to below 1. Undefined: none matches. */
export function chooseStage(stages: readonly Stage[], object: KubeObject, random: number): Stage | undefined {
  const matching = stages.filter((stage) => stage.matches(object));
  if (matching.length <= 1) return matching[0];
  const weights = matching.map((stage) => stage.weight(object));
  const total = weights.reduce<number>((sum, weight) => sum + Math.max(0, weight ?? 0), 0);
  if (total === 0) {
    // Nobody has a weight worth the name: each of those that tried is as good as the others.
    const weighed = matching.filter((_, index) => weights[index] !== undefined);
    const choices = weighed.length > 0 ? weighed : matching;
    return choices[Math.floor(random * choices.length)];
  }
  let rest = random * total;
  for (const [index, stage] of matching.entries()) {
    rest -= Math.max(0, weights[index] ?? 0);
    if (rest < 0) return stage;
  }
  return matching.at(-1);
}
