// Label selectors of shared objects, compiled once per object however often they are matched.

import {
  type KubeObject,
  type LabelSelector,
  nothingSelector,
  type Selector,
  selectorOf,
  selectorOfLabels,
} from "#kubernetes/api";

const compiled = new WeakMap<object, Selector | undefined>();

/** The selector an object's spec holds, nothing where it is absent; undefined where it cannot be read. */
export function compileSelector(selector: LabelSelector | undefined): Selector | undefined {
  if (!selector) return nothingSelector;
  return remember(selector, () => selectorOf(selector));
}

/** The selector that asks for every one of these labels. */
export function compileLabels(labels: Readonly<Record<string, string>> | undefined): Selector {
  if (!labels) return selectorOfLabels(undefined);
  return remember(labels, () => selectorOfLabels(labels)) ?? nothingSelector;
}

export function matchesLabels(selector: Selector, object: KubeObject): boolean {
  return selector.matches(object.metadata.labels ?? {});
}

function remember(key: object, compile: () => Selector): Selector | undefined {
  if (compiled.has(key)) return compiled.get(key);
  let selector: Selector | undefined;
  try {
    selector = compile();
  } catch {
    // Validation lets none of these in; whoever asks leaves such an object alone.
  }
  compiled.set(key, selector);
  return selector;
}
