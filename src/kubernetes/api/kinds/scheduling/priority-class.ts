// PriorityClass: gives a name to a number, by which pods go before others.

import { type FieldError, forbiddenField, invalid, notSupported, required } from "../../field-error.ts";
import type { PriorityClass } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";
import { immutableError } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";

const systemPrefix = "system-";
const mostOfUsers = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = {
  "system-node-critical": 2 * mostOfUsers + 1000,
  "system-cluster-critical": 2 * mostOfUsers,
};

export const priorityClass = defineKind<PriorityClass>({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  // Its generation is set, but counts nothing.
  hasGeneration: false,
  setDefaults: (object) => {
    object.preemptionPolicy ??= "PreemptLowerPriority";
  },
  prepareForCreate: ({ metadata }) => {
    metadata.generation = 1;
  },
  validate,
  validateUpdate: (object, old) => {
    const errors: FieldError[] = [];
    if (object.value !== old.value) errors.push(forbiddenField("value", "may not be changed in an update."));
    if (object.preemptionPolicy !== old.preemptionPolicy) {
      errors.push(invalid("preemptionPolicy", object.preemptionPolicy, immutableError));
    }
    return errors;
  },
  tableCells: ({ metadata, value, globalDefault, preemptionPolicy }, now) => ({
    cells: [
      metadata.name,
      value,
      globalDefault ?? false,
      formatAge(metadata.creationTimestamp, now),
      preemptionPolicy ?? "",
    ],
  }),
});

function validate(object: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const name = object.metadata.name ?? "";
  if (name.startsWith(systemPrefix)) {
    const problem = checkSystemClass(name, object);
    const why = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${problem}`;
    if (problem !== undefined) errors.push(forbiddenField("metadata.name", why));
  } else if ((object.value ?? 0) > mostOfUsers) {
    const why = `maximum allowed value of a user defined priority is ${mostOfUsers}`;
    errors.push(forbiddenField("value", why));
  }
  if (object.preemptionPolicy !== undefined) validatePolicy(object.preemptionPolicy, errors);
  return errors;
}

function checkSystemClass(name: string, { value, globalDefault }: PriorityClass): string | undefined {
  const expected = systemClasses[name];
  if (expected === undefined) return `${name} is not a known system priority class`;
  if (value !== expected) return `value of ${name} PriorityClass must be ${expected}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

const policies = ["PreemptLowerPriority", "Never"];

function validatePolicy(policy: string, errors: FieldError[]): void {
  if (policy === "") errors.push(required("preemptionPolicy"));
  else if (!policies.includes(policy)) errors.push(notSupported("preemptionPolicy", policy, policies));
}
