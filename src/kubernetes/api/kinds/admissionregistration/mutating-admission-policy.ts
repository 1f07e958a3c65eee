// MutatingAdmissionPolicy: expressions that change what is written.

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { MutatingAdmissionPolicy, Mutation } from "../../generated/types.ts";
import { bareContext, type CheckContext, type ExpressionErrors } from "../check-context.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { warnOfStaticName } from "./static-name.ts";
import { setMatchDefaults } from "./validate-match.ts";
import { paramKindCell, validatePolicy } from "./validate-policy.ts";
import { validateMutatingOperations } from "./validate-rule.ts";
import { reinvocationPolicies } from "./validate-webhooks.ts";

type DecodedPolicy = Decoded<MutatingAdmissionPolicy, "spec">;

export const mutatingAdmissionPolicy = defineKind<DecodedPolicy>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "MutatingAdmissionPolicy",
  metadataChecks: ["object"],
  standardFinalizers: false,
  allowUnconditionalUpdate: false,
  setDefaults: ({ spec }) => {
    spec.failurePolicy ??= "Fail";
    setMatchDefaults(spec.matchConstraints);
  },
  validate: (object, context) => validate(object, undefined, context),
  validateUpdate: validate,
  warnings: ({ metadata }) => warnOfStaticName(metadata),
  tableCells: ({ metadata, spec }, now) => ({
    cells: [
      metadata.name,
      spec.mutations?.length ?? 0,
      paramKindCell(spec.paramKind),
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function validate(
  { spec }: DecodedPolicy,
  old: DecodedPolicy | undefined,
  { expressionErrors }: CheckContext = bareContext,
): FieldError[] {
  const errors: FieldError[] = [];
  const isSame =
    old !== undefined &&
    deepEqual(spec.paramKind, old.spec.paramKind) &&
    deepEqual(spec.matchConditions ?? [], old.spec.matchConditions ?? []);
  validatePolicy(spec, "spec", errors, {
    looksAtConditions: !isSame,
    expressionErrors,
    checkConstraints: ({ resourceRules }, path) => validateMutatingOperations(resourceRules, path, errors),
  });
  const { mutations = [], reinvocationPolicy = "" } = spec;
  if (mutations.length === 0) errors.push(required("spec.mutations", "mutations must contain at least one item"));
  for (const [index, mutation] of mutations.entries()) {
    validateMutation(mutation, item("spec.mutations", index), errors, expressionErrors);
  }
  if (reinvocationPolicy === "") errors.push(required("spec.reinvocationPolicy"));
  else if (!reinvocationPolicies.includes(reinvocationPolicy)) {
    errors.push(notSupported("spec.reinvocationPolicy", reinvocationPolicy, reinvocationPolicies));
  }
  return errors;
}

/** The field of each type of patch. */
const patchFields = { ApplyConfiguration: "applyConfiguration", JSONPatch: "jsonPatch" } as const;

function validateMutation(
  mutation: Mutation,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  const { patchType } = mutation;
  const typePath = child(path, "patchType");
  if (patchType === "") {
    errors.push(required(typePath));
    return;
  }
  if (!(patchType in patchFields)) {
    errors.push(notSupported(typePath, patchType, Object.keys(patchFields)));
    return;
  }
  const own = patchFields[patchType as keyof typeof patchFields];
  const other = own === "jsonPatch" ? "applyConfiguration" : "jsonPatch";
  const expression = mutation[own]?.expression;
  if (!mutation[own]) errors.push(required(child(path, own), `must be specified when patchType is ${patchType}`));
  else if (!expression?.trim()) errors.push(required(child(path, own, "expression")));
  else errors.push(...expressionErrors(child(path, own, "expression")));
  if (mutation[other]) {
    errors.push(invalid(child(path, other), `{${other}}`, `must not be specified when patchType is ${patchType}`));
  }
}
