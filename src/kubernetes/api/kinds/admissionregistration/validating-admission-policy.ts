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
import { bareContext, type CheckContext, type ExpressionErrors } from "../check-context.ts";
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
  validate: (object, context) => validate(object, undefined, context),
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

function validate(
  { metadata, spec }: DecodedPolicy,
  old: DecodedPolicy | undefined,
  { expressionErrors }: CheckContext = bareContext,
): FieldError[] {
  const errors: FieldError[] = [];
  const isSame =
    old !== undefined &&
    deepEqual(spec.paramKind, old.spec.paramKind) &&
    deepEqual(spec.matchConditions ?? [], old.spec.matchConditions ?? []);
  validatePolicy(spec, "spec", errors, { looksAtConditions: !isSame, expressionErrors });
  const { validations = [], auditAnnotations = [] } = spec;
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const why = "validations or auditAnnotations must contain at least one item";
    errors.push(required("spec.validations", why), required("spec.auditAnnotations", why));
    return errors;
  }
  for (const [index, each] of validations.entries()) {
    validateValidation(each, item("spec.validations", index), errors, expressionErrors);
  }
  validateAnnotations(auditAnnotations, metadata, errors, expressionErrors);
  return errors;
}

function validateValidation(
  validation: Validation,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  const { expression, message = "", messageExpression = "", reason } = validation;
  const expressionPath = child(path, "expression");
  if (expression.trim() === "") errors.push(required(expressionPath, "expression is not specified"));
  else errors.push(...expressionErrors(expressionPath));
  reportBlank(messageExpression, child(path, "messageExpression"), errors);
  errors.push(...expressionErrors(child(path, "messageExpression")));
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
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  const path = "spec.auditAnnotations";
  if (annotations.length > mostAnnotations) {
    errors.push(invalid(path, annotations, `must not have more than ${mostAnnotations} auditAnnotations`));
  }
  const known = new Set<string>();
  for (const [index, { key, valueExpression }] of annotations.entries()) {
    const keyPath = child(item(path, index), "key");
    if (name === "") errors.push(invalid(keyPath, key, "requires metadata.name be non-empty"));
    else reportInvalid(errors, keyPath, `${name}/${key}`, checkQualifiedName(`${name}/${key}`));
    const expressionPath = child(item(path, index), "valueExpression");
    const why = valueExpressionProblem(valueExpression.trim());
    if (why === undefined) errors.push(...expressionErrors(expressionPath));
    else errors.push(required(expressionPath, why));
    if (known.has(key)) errors.push(duplicate(keyPath, key));
    known.add(key);
  }
}

function valueExpressionProblem(expression: string): string | undefined {
  if (expression === "") return "valueExpression is not specified";
  const isTooLong = Buffer.byteLength(expression) > longestValueExpression;
  return isTooLong ? `must not exceed ${longestValueExpression} bytes in length` : undefined;
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
