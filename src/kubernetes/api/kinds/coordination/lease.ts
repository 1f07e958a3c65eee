// Lease: says who holds something, and until when it is renewed.

import { type FieldError, forbiddenField, invalid, notSupported } from "../../field-error.ts";
import type { Lease, LeaseSpec } from "../../generated/types.ts";
import { checkQualifiedName, negativeError } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { reportInvalid } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";

type DecodedLease = Decoded<Lease, "spec">;

export const lease = defineKind<DecodedLease>({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  hasGeneration: false,
  standardFinalizers: false,
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  prepareForCreate: ({ spec }) => dropElection(spec, undefined),
  prepareForUpdate: ({ spec }, old) => dropElection(spec, old.spec),
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }) => validateSpec(spec),
  tableCells: ({ metadata, spec }, now) => ({
    cells: [metadata.name, spec.holderIdentity ?? "", formatAge(metadata.creationTimestamp, now)],
  }),
});

/** CoordinatedLeaderElection is off. */
function dropElection(spec: LeaseSpec, old: LeaseSpec | undefined): void {
  for (const field of ["strategy", "preferredHolder"] as const) {
    if (old?.[field] === undefined) delete spec[field];
  }
}

function validateSpec(spec: LeaseSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds, leaseTransitions, strategy, preferredHolder } = spec;
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0) {
    errors.push(invalid("spec.leaseDurationSeconds", leaseDurationSeconds, "must be greater than 0"));
  }
  if (leaseTransitions !== undefined && leaseTransitions < 0) {
    errors.push(invalid("spec.leaseTransitions", leaseTransitions, negativeError));
  }
  if (strategy !== undefined) validateStrategy(strategy, "spec.strategy.strategy", errors);
  if (preferredHolder && !strategy) {
    errors.push(forbiddenField("spec.preferredHolder", "may only be specified if `strategy` is defined"));
  }
  return errors;
}

/** The path is upstream's: it names the field twice. */
function validateStrategy(strategy: string, path: string, errors: FieldError[]): void {
  const known = ["OldestEmulationVersion"];
  if (strategy.includes("/")) reportInvalid(errors, path, strategy, checkQualifiedName(strategy));
  else if (!known.includes(strategy)) errors.push(notSupported(path, strategy, known));
}
