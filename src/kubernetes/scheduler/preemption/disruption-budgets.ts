// Which pods a PodDisruptionBudget protects: as many may go as it allows, in the order they are given.

import { type PodDisruptionBudget, type Selector, SelectorError, selectorOf } from "#kubernetes/api";
import type { PodInfo } from "../cluster/pod-info.ts";

const selectors = new WeakMap<PodDisruptionBudget, Selector | undefined>();

export class DisruptionBudgets {
  readonly #budgets: readonly PodDisruptionBudget[];

  constructor(budgets: readonly PodDisruptionBudget[]) {
    this.#budgets = budgets;
  }

  get isEmpty(): boolean {
    return this.#budgets.length === 0;
  }

  /** Supposes that all of the pods go, one after the other; both lists keep their order. */
  split(pods: readonly PodInfo[]): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
    if (this.#budgets.length === 0) return { violating: [], others: pods };
    const allowed = this.#budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
    const violating: PodInfo[] = [];
    const others: PodInfo[] = [];
    for (const pod of pods) (this.#takes(pod, allowed) ? violating : others).push(pod);
    return { violating, others };
  }

  /** Counts the pod against every budget it is under; answers whether one is exceeded. */
  #takes({ namespace, name, labels }: PodInfo, allowed: number[]): boolean {
    if (!labels || Object.keys(labels).length === 0) return false;
    let isViolated = false;
    for (const [at, budget] of this.#budgets.entries()) {
      if (budget.metadata.namespace !== namespace) continue;
      const selector = selectorOfBudget(budget);
      if (!selector || selector.isEmpty || !selector.matches(labels)) continue;
      if (budget.status?.disruptedPods?.[name] !== undefined) continue;
      allowed[at]!--;
      if (allowed[at]! < 0) isViolated = true;
    }
    return isViolated;
  }
}

function selectorOfBudget(budget: PodDisruptionBudget): Selector | undefined {
  if (selectors.has(budget)) return selectors.get(budget);
  const selector = compile(budget);
  selectors.set(budget, selector);
  return selector;
}

function compile({ spec }: PodDisruptionBudget): Selector | undefined {
  try {
    return selectorOf(spec?.selector);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}
