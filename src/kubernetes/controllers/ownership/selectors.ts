// Label selectors of shared objects, compiled once per object however often they are matched.

import {
  type KubeObject,
  type LabelSelector,
  nothingSelector,
  type Selector,
  selectorOf,
  selectorOfLabels,
} from "#kubernetes/api";

const compiled = new WeakMap<object, Selector>();

/** The selector an object's spec holds; one that does not parse selects nothing, as upstream's controllers do. */
export function compileSelector(selector: LabelSelector | undefined): Selector {
  if (!selector) return nothingSelector;
  return remember(selector, () => selectorOf(selector));
}

/** The selector that asks for every one of these labels. */
export function compileLabels(labels: Readonly<Record<string, string>> | undefined): Selector {
  if (!labels) return selectorOfLabels(undefined);
  return remember(labels, () => selectorOfLabels(labels));
}

export function matchesLabels(selector: Selector, object: KubeObject): boolean {
  return selector.matches(object.metadata.labels ?? {});
}

function remember(key: object, compile: () => Selector): Selector {
  let selector = compiled.get(key);
  if (!selector) {
    try {
      selector = compile();
    } catch {
      selector = nothingSelector;
    }
    compiled.set(key, selector);
  }
  return selector;
}
