// FlowSchema: which requests belong to which priority level.

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { FlowSchema, FlowSchemaSpec } from "../../generated/types.ts";
import { checkDNSSubdomainName } from "../../names.ts";
import { schemaOf } from "../../types-table.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { reportInvalid } from "../report.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { semanticEqual } from "../values/semantic-equal.ts";
import { validateFlowConditions } from "./flow-conditions.ts";
import { mandatoryFlowSchema } from "./mandatory.ts";
import { validateFlowRule } from "./validate-flow-rule.ts";

type DecodedFlowSchema = Decoded<FlowSchema, "spec" | "status">;

const defaultPrecedence = 1000;
const highestPrecedence = 10_000;
const distinguishers = ["ByNamespace", "ByUser"];

export const flowSchema = defineKind<DecodedFlowSchema>({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  metadataChecks: ["object"],
  statusMetadataChecks: [],
  setDefaults: ({ spec }) => {
    if (!spec.matchingPrecedence) spec.matchingPrecedence = defaultPrecedence;
  },
  prepareForCreate: (object) => {
    object.status = {};
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  validate,
  validateUpdate: validate,
  validateStatusUpdate: ({ status }) => validateFlowConditions(status.conditions, "status.conditions"),
  compareRows: (a, b) =>
    (a.spec.matchingPrecedence ?? 0) - (b.spec.matchingPrecedence ?? 0) ||
    ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1),
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      spec.priorityLevelConfiguration.name,
      spec.matchingPrecedence,
      spec.distinguisherMethod?.type ?? noneCell,
      formatAge(metadata.creationTimestamp, now),
      status.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
    ],
  }),
});

function validate({ metadata: { name = "" }, spec, status }: DecodedFlowSchema): FieldError[] {
  const errors = validateSpec(name, spec);
  const mandatory = mandatoryFlowSchema(name);
  const schema = schemaOf("io.k8s.api.flowcontrol.v1.FlowSchemaSpec");
  if (mandatory && !semanticEqual(schema, spec, mandatory)) {
    errors.push(invalid("spec", internalForm("FlowSchemaSpec", spec), `spec of '${name}' must equal the fixed value`));
  }
  return [...errors, ...validateFlowConditions(status.conditions, "status.conditions")];
}

function validateSpec(name: string, spec: FlowSchemaSpec): FieldError[] {
  const errors: FieldError[] = [];
  validatePrecedence(name, spec.matchingPrecedence ?? 0, "spec.matchingPrecedence", errors);
  const { distinguisherMethod, priorityLevelConfiguration } = spec;
  if (distinguisherMethod && !distinguishers.includes(distinguisherMethod.type)) {
    const shown = internalForm("FlowDistinguisherMethod", distinguisherMethod);
    errors.push(notSupported("spec.distinguisherMethod.type", shown, distinguishers));
  }
  const level = priorityLevelConfiguration.name ?? "";
  const path = "spec.priorityLevelConfiguration.name";
  if (level === "") errors.push(required(path, "must reference a priority level"));
  else reportInvalid(errors, path, level, checkDNSSubdomainName(level, false));
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    validateFlowRule(rule, item(child("spec", "rules"), index), errors);
  }
  return errors;
}

function validatePrecedence(name: string, precedence: number, path: string, errors: FieldError[]): void {
  if (precedence <= 0) errors.push(invalid(path, precedence, "must be a positive value"));
  if (precedence > highestPrecedence) {
    errors.push(invalid(path, precedence, `must not be greater than ${highestPrecedence}`));
  }
  if (precedence === 1 && name !== "exempt") {
    errors.push(invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"));
  }
}
