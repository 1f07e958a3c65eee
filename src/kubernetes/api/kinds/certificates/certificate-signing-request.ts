// CertificateSigningRequest: asks a signer for a certificate. Who may approve and sign is admission's business; who asks is
// written by the server.

import { type FieldError, forbiddenField, quote } from "../../field-error.ts";
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from "../../generated/types.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { checkPathName } from "../metadata/object-meta.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge, formatHumanDuration } from "../table/human-duration.ts";
import { diffInternalForms } from "../values/diff/unified-diff.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { populateTimes, preserveConditions } from "./condition-times.ts";
import { validateRequest } from "./validate-request.ts";

export type DecodedRequest = Decoded<CertificateSigningRequest, "spec" | "status">;

export const certificateSigningRequest = defineKind<DecodedRequest>({
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  metadataChecks: ["object", "update"],
  statusMetadataChecks: ["object", "update"],
  hasGeneration: false,
  validateName: (name) => checkPathName(name, false),
  prepareForCreate: (object) => {
    object.status = {};
  },
  prepareForUpdate: (object, old) => {
    object.spec = old.spec;
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old, now) => {
    object.spec = old.spec;
    preserveConditions(object.status, old.status, "Approved");
    preserveConditions(object.status, old.status, "Denied");
    populateTimes(object.status, old.status, now);
  },
  validate: (object) => validateRequest(object, undefined),
  validateUpdate: (object, old) => validateChange(object, old, {}),
  validateStatusUpdate: (object, old) => validateChange(object, old, { mayCertify: true }),
  subresources: {
    approval: {
      metadataChecks: ["object", "update"],
      prepare: (object, old, now) => {
        populateTimes(object.status, old.status, now);
        object.spec = old.spec;
        const { conditions } = object.status;
        object.status = { ...old.status };
        delete object.status.conditions;
        if (conditions) object.status.conditions = conditions;
      },
      validate: (object, old) => validateChange(object as never, old as never, { mayApprove: true }),
    },
  },
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName },
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      formatAge(metadata.creationTimestamp, now),
      spec.signerName || noneCell,
      spec.username ?? "",
      spec.expirationSeconds === undefined ? noneCell : formatHumanDuration(spec.expirationSeconds * 1000),
      describeState(status),
    ],
  }),
});

interface Permissions {
  readonly mayApprove?: boolean;
  readonly mayCertify?: boolean;
}

function validateChange(object: DecodedRequest, old: DecodedRequest, permissions: Permissions): FieldError[] {
  const errors = validateRequest(object, old);
  for (const type of ["Approved", "Denied", "Failed"]) {
    if (conditionsOf(object, type).length < conditionsOf(old, type).length) {
      errors.push(forbiddenField("status.conditions", `updates may not remove a condition of type ${quote(type)}`));
    }
  }
  if (!permissions.mayApprove) validateSameApproval(object, old, errors);
  if ((object.status.certificate ?? "") !== (old.status.certificate ?? "")) {
    const path = "status.certificate";
    if (!permissions.mayCertify) errors.push(forbiddenField(path, "updates may not set certificate content"));
    else if (old.status.certificate) {
      errors.push(forbiddenField(path, "updates may not modify existing certificate content"));
    }
  }
  return errors;
}

function validateSameApproval(object: DecodedRequest, old: DecodedRequest, errors: FieldError[]): void {
  const path = "status.conditions";
  for (const type of ["Approved", "Denied"]) {
    const [now, before] = [conditionsOf(object, type), conditionsOf(old, type)];
    if (now.length < before.length) continue;
    if (now.length > before.length) {
      errors.push(forbiddenField(path, `updates may not add a condition of type ${quote(type)}`));
    } else if (!deepEqual(now, before)) {
      const difference = diffInternalForms("[]CertificateSigningRequestCondition", before, now);
      errors.push(forbiddenField(path, `updates may not modify a condition of type ${quote(type)}\n${difference}`));
    }
  }
}

function conditionsOf({ status }: DecodedRequest, type: string): CertificateSigningRequestCondition[] {
  return (status.conditions ?? []).filter((condition) => condition.type === type);
}

function describeState({ conditions = [], certificate }: DecodedRequest["status"]): string {
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type);
  const state = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return `${state}${has("Failed") ? ",Failed" : ""}${certificate ? ",Issued" : ""}`;
}
