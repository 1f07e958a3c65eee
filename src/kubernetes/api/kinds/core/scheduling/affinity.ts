// Affinity of pods: to nodes, and to or from other pods.

import { child, type FieldError, forbiddenField, invalid, item, required } from "../../../field-error.ts";
import type {
  Affinity,
  LabelSelector,
  NodeAffinity,
  PodAffinity,
  PodAffinityTerm,
  WeightedPodAffinityTerm,
} from "../../../generated/types.ts";
import { checkDNSLabelName } from "../../../names.ts";
import { isInvalidLabelSelector, validateLabelName, validateLabelSelector } from "../../metadata/labels.ts";
import { reportInvalid } from "../../report.ts";
import { validateNodeSelector, validatePreferredTerms, validateWeight } from "./node-selector.ts";

export interface AffinityOptions {
  readonly allowInvalidNodeSelectorValues: boolean;
  readonly allowInvalidLabelSelectorValues: boolean;
}

const requiredField = "requiredDuringSchedulingIgnoredDuringExecution";
const preferredField = "preferredDuringSchedulingIgnoredDuringExecution";

export function validateAffinity(
  affinity: Affinity,
  path: string,
  errors: FieldError[],
  options: AffinityOptions,
): void {
  if (affinity.nodeAffinity) {
    validateNodeAffinity(affinity.nodeAffinity, child(path, "nodeAffinity"), errors, options);
  }
  for (const field of ["podAffinity", "podAntiAffinity"] as const) {
    const terms = affinity[field];
    if (terms) validatePodAffinity(terms, child(path, field), errors, options);
  }
}

/** Every term of an affinity that is about other pods, with or without a weight. */
export function podAffinityTerms(affinity: Affinity | undefined): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((terms) => [
    ...(terms?.[requiredField] ?? []),
    ...(terms?.[preferredField] ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
}

/** Whether some selector of pods or namespaces breaks a rule. */
export function hasInvalidPodSelector(affinity: Affinity | undefined): boolean {
  return podAffinityTerms(affinity).some(
    (term) => isInvalidLabelSelector(term.labelSelector) || isInvalidLabelSelector(term.namespaceSelector),
  );
}

function validateNodeAffinity(
  affinity: NodeAffinity,
  path: string,
  errors: FieldError[],
  options: AffinityOptions,
): void {
  const selector = affinity[requiredField];
  if (selector) {
    const allowInvalidValues = options.allowInvalidNodeSelectorValues;
    validateNodeSelector(selector, child(path, requiredField), errors, { allowInvalidValues });
  }
  validatePreferredTerms(affinity[preferredField] ?? [], child(path, preferredField), errors);
}

function validatePodAffinity(
  affinity: PodAffinity,
  path: string,
  errors: FieldError[],
  options: AffinityOptions,
): void {
  for (const [index, term] of (affinity[requiredField] ?? []).entries()) {
    validateTerm(term, item(child(path, requiredField), index), errors, options);
  }
  for (const [index, term] of (affinity[preferredField] ?? []).entries()) {
    validateWeighted(term, item(child(path, preferredField), index), errors, options);
  }
}

function validateWeighted(
  { weight, podAffinityTerm }: WeightedPodAffinityTerm,
  path: string,
  errors: FieldError[],
  options: AffinityOptions,
): void {
  validateWeight(weight, child(path, "weight"), errors);
  validateTerm(podAffinityTerm, child(path, "podAffinityTerm"), errors, options);
}

function validateTerm(term: PodAffinityTerm, path: string, errors: FieldError[], options: AffinityOptions): void {
  const allowInvalidValues = options.allowInvalidLabelSelectorValues;
  for (const field of ["labelSelector", "namespaceSelector"] as const) {
    validateLabelSelector(term[field], child(path, field), errors, { allowInvalidValues });
  }
  for (const name of term.namespaces ?? []) {
    reportInvalid(errors, child(path, "namespace"), name, checkDNSLabelName(name, false));
  }
  validateLabelKeys(term, path, errors);
  if (!term.topologyKey) errors.push(required(child(path, "topologyKey"), "can not be empty"));
  validateLabelName(term.topologyKey, child(path, "topologyKey"), errors);
}

interface LabelKeys {
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
  readonly labelSelector?: LabelSelector;
}

/** Keys whose values the pod's own labels give; the server adds them to the selector as expressions. */
export function validateLabelKeys(term: LabelKeys, path: string, errors: FieldError[]): void {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term;
  validateKeys(matchLabelKeys, child(path, "matchLabelKeys"), errors, labelSelector);
  validateKeys(mismatchLabelKeys, child(path, "mismatchLabelKeys"), errors, labelSelector);
  if (labelSelector) reportKeysSelectedTwice(matchLabelKeys, labelSelector, path, errors);
  for (const [index, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue;
    const why = "exists in both matchLabelKeys and mismatchLabelKeys";
    errors.push(invalid(item(child(path, "matchLabelKeys"), index), key, why));
  }
}

function validateKeys(
  keys: readonly string[],
  path: string,
  errors: FieldError[],
  selector: LabelSelector | undefined,
): void {
  if (keys.length === 0) return;
  if (!selector) {
    errors.push(forbiddenField(path, "must not be specified when labelSelector is not set"));
    return;
  }
  for (const [index, key] of keys.entries()) validateLabelName(key, item(path, index), errors);
}

/** The server's own expression of a key is fine, a second one is not. */
function reportKeysSelectedTwice(
  keys: readonly string[],
  selector: LabelSelector,
  path: string,
  errors: FieldError[],
): void {
  const selected = new Set(Object.keys(selector.matchLabels ?? {}));
  for (const { key } of selector.matchExpressions ?? []) {
    const index = keys.lastIndexOf(key);
    if (index >= 0 && selected.has(key)) {
      errors.push(invalid(item(path, index), key, "exists in both matchLabelKeys and labelSelector"));
    }
    selected.add(key);
  }
}
