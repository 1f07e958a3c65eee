// ValidatingAdmissionPolicy: expressions that what is written must satisfy.

import { child, duplicate, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type {
  AuditAnnotation,
  ExpressionWarning,
  ObjectMeta,
  ValidatingAdmissionPolicy,
  Validation,
} from "../../generated/types.ts";
import { checkQualifiedName } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { validateConditions } from "../metadata/conditions.ts";
import { keepMetadata } from "../metadata/keep-metadata.ts";
import { reportInvalid } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { warnOfStaticName } from "./static-name.ts";
import { setMatchDefaults } from "./validate-match.ts";
import { paramKindCell, validatePolicy } from "./validate-policy.ts";

type DecodedPolicy = Decoded<ValidatingAdmissionPolicy, "spec" | "status">;

const mostAnnotations = 20;
const longestValueExpression = 5 * 1024;
const reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"];

export const validatingAdmissionPolicy = defineKind<DecodedPolicy>({
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicy",
  metadataChecks: ["object"],
  statusMetadataChecks: [],
  standardFinalizers: false,
  allowUnconditionalUpdate: false,
  setDefaults: ({ spec }) => {
    spec.failurePolicy ??= "Fail";
    setMatchDefaults(spec.matchConstraints);
  },
  prepareForCreate: (object) => {
    object.status = {};
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
    keepMetadata(object.metadata, old.metadata);
  },
  validate: (object) => validate(object, undefined),
  validateUpdate: validate,
  validateStatusUpdate: ({ status }) => validateStatus(status),
  warnings: ({ metadata }) => warnOfStaticName(metadata),
  tableCells: ({ metadata, spec }, now) => ({
    cells: [
      metadata.name,
      spec.validations?.length ?? 0,
      paramKindCell(spec.paramKind),
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function validate({ metadata, spec }: DecodedPolicy, old: DecodedPolicy | undefined): FieldError[] {
  const errors: FieldError[] = [];
  const isSame =
    old !== undefined &&
    deepEqual(spec.paramKind, old.spec.paramKind) &&
    deepEqual(spec.matchConditions ?? [], old.spec.matchConditions ?? []);
  validatePolicy(spec, "spec", errors, { looksAtConditions: !isSame });
  const { validations = [], auditAnnotations = [] } = spec;
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const why = "validations or auditAnnotations must contain at least one item";
    errors.push(required("spec.validations", why), required("spec.auditAnnotations", why));
    return errors;
  }
  for (const [index, each] of validations.entries()) validateValidation(each, item("spec.validations", index), errors);
  validateAnnotations(auditAnnotations, metadata, "spec.auditAnnotations", errors);
  return errors;
}

function validateValidation(validation: Validation, path: string, errors: FieldError[]): void {
  const { expression, message = "", messageExpression = "", reason } = validation;
  if (expression.trim() === "") errors.push(required(child(path, "expression"), "expression is not specified"));
  reportBlank(messageExpression, child(path, "messageExpression"), errors);
  reportBlank(message, child(path, "message"), errors);
  if (/[\n\r]/.test(message.trim())) {
    errors.push(invalid(child(path, "message"), message, "must not contain line breaks"));
  }
  if (reason !== undefined && !reasons.includes(reason)) {
    errors.push(notSupported(child(path, "reason"), reason, reasons));
  }
}

function reportBlank(text: string, path: string, errors: FieldError[]): void {
  if (text !== "" && text.trim() === "") errors.push(invalid(path, text, "must be non-empty if specified"));
}

function validateAnnotations(
  annotations: readonly AuditAnnotation[],
  { name = "" }: ObjectMeta,
  path: string,
  errors: FieldError[],
): void {
  if (annotations.length > mostAnnotations) {
    errors.push(invalid(path, annotations, `must not have more than ${mostAnnotations} auditAnnotations`));
  }
  const known = new Set<string>();
  for (const [index, { key, valueExpression }] of annotations.entries()) {
    const keyPath = child(item(path, index), "key");
    if (name === "") errors.push(invalid(keyPath, key, "requires metadata.name be non-empty"));
    else reportInvalid(errors, keyPath, `${name}/${key}`, checkQualifiedName(`${name}/${key}`));
    validateValueExpression(valueExpression.trim(), child(item(path, index), "valueExpression"), errors);
    if (known.has(key)) errors.push(duplicate(keyPath, key));
    known.add(key);
  }
}

function validateValueExpression(expression: string, path: string, errors: FieldError[]): void {
  if (expression === "") errors.push(required(path, "valueExpression is not specified"));
  else if (Buffer.byteLength(expression) > longestValueExpression) {
    errors.push(required(path, `must not exceed ${longestValueExpression} bytes in length`));
  }
}

function validateStatus({ typeChecking, conditions }: DecodedPolicy["status"]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, each] of (typeChecking?.expressionWarnings ?? []).entries()) {
    validateExpressionWarning(each, item("status.typeChecking.expressionWarnings", index), errors);
  }
  validateConditions(conditions, "status.conditions", errors);
  return errors;
}

function validateExpressionWarning({ warning, fieldRef }: ExpressionWarning, path: string, errors: FieldError[]): void {
  if (!warning) errors.push(required(child(path, "warning")));
  if (fieldRef.trim() === "") errors.push(required(child(path, "fieldRef")));
}
