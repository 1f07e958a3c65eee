// MutatingAdmissionPolicyBinding and ValidatingAdmissionPolicyBinding: where a policy applies, and with which parameters.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notSupported,
  required,
} from "../../field-error.ts";
import type {
  LabelSelector,
  MatchResources,
  MutatingAdmissionPolicyBinding,
  ParamRef,
  ValidatingAdmissionPolicyBinding,
} from "../../generated/types.ts";
import { checkDNSSubdomainName, checkPathSegmentName } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { validateLabelSelector } from "../metadata/labels.ts";
import { reportInvalid, reportUnsupported } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { warnOfStaticName } from "./static-name.ts";
import { setMatchDefaults, validateMatchResources } from "./validate-match.ts";
import { validateMutatingOperations } from "./validate-rule.ts";

type ValidatingBinding = Decoded<ValidatingAdmissionPolicyBinding, "spec">;
type MutatingBinding = Decoded<MutatingAdmissionPolicyBinding, "spec">;

interface BindingSpec {
  readonly policyName?: string;
  readonly paramRef?: ParamRef;
  readonly matchResources?: MatchResources;
}

const actions = ["Audit", "Deny", "Warn"];
const shared = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  allowUnconditionalUpdate: false,
} as const;

export const validatingAdmissionPolicyBinding = defineKind<ValidatingBinding>({
  ...shared,
  kind: "ValidatingAdmissionPolicyBinding",
  metadataChecks: ["object"],
  standardFinalizers: false,
  setDefaults: ({ spec }) => setMatchDefaults(spec.matchResources),
  validate: validateValidatingBinding,
  validateUpdate: validateValidatingBinding,
  warnings: ({ metadata }) => warnOfStaticName(metadata),
  tableCells,
});

export const mutatingAdmissionPolicyBinding = defineKind<MutatingBinding>({
  ...shared,
  kind: "MutatingAdmissionPolicyBinding",
  metadataChecks: ["object"],
  standardFinalizers: false,
  setDefaults: ({ spec }) => setMatchDefaults(spec.matchResources),
  validate: validateMutatingBinding,
  validateUpdate: validateMutatingBinding,
  warnings: ({ metadata }) => warnOfStaticName(metadata),
  tableCells,
});

function validateValidatingBinding({ spec }: ValidatingBinding): FieldError[] {
  const errors: FieldError[] = [];
  validateBinding(spec, "spec", errors);
  validateActions(spec.validationActions ?? [], "spec.validationActions", errors);
  return errors;
}

function validateMutatingBinding({ spec }: MutatingBinding): FieldError[] {
  const errors: FieldError[] = [];
  validateBinding(spec, "spec", errors);
  validateMutatingOperations(spec.matchResources?.resourceRules, "spec.matchResources", errors);
  return errors;
}

function validateBinding(
  { policyName, paramRef, matchResources }: BindingSpec,
  path: string,
  errors: FieldError[],
): void {
  const namePath = child(path, "policyName");
  if (!policyName) errors.push(required(namePath));
  else reportInvalid(errors, namePath, policyName, checkDNSSubdomainName(policyName, false));
  if (paramRef) validateParamRef(paramRef, child(path, "paramRef"), errors);
  validateMatchResources(matchResources, child(path, "matchResources"), errors);
}

function validateParamRef(reference: ParamRef, path: string, errors: FieldError[]): void {
  const { name, selector, parameterNotFoundAction: action } = reference;
  const exclusive = "name and selector are mutually exclusive";
  if (name) {
    reportInvalid(errors, child(path, "name"), name, checkPathSegmentName(name));
    if (selector) errors.push(forbiddenField(child(path, "name"), exclusive));
  }
  validateLabelSelector(selector, child(path, "selector"), errors);
  if (selector && name) errors.push(forbiddenField(child(path, "selector"), exclusive));
  if (!name && !selector) errors.push(required(path, "one of name or selector must be specified"));
  const actionPath = child(path, "parameterNotFoundAction");
  if (!action) errors.push(required(actionPath));
  else if (action !== "Deny" && action !== "Allow") errors.push(notSupported(actionPath, action, ["Deny", "Allow"]));
}

function validateActions(given: readonly string[], path: string, errors: FieldError[]): void {
  for (const [index, action] of given.entries()) {
    reportUnsupported(errors, item(path, index), action, actions);
    if (given.indexOf(action) < index) errors.push(duplicate(item(path, index), action));
  }
  if (given.includes("Deny") && given.includes("Warn")) {
    const why =
      "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
    errors.push(invalid(path, given, why));
  }
  if (given.length === 0) errors.push(required(path, "at least one validation action is required"));
}

function tableCells({ metadata, spec }: ValidatingBinding | MutatingBinding, now: number) {
  const age = formatAge(metadata.creationTimestamp, now);
  return { cells: [metadata.name, spec.policyName ?? "", paramCell(spec.paramRef), age] };
}

function paramCell(reference: ParamRef | undefined): string {
  if (reference?.name) return `${reference.namespace || "*"}/${reference.name}`;
  return reference?.selector ? printSelector(reference.selector) : "<unset>";
}

/** As Go's protobuf types write themselves. */
function printSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.keys(matchLabels).sort();
  const shown = labels.map((key) => `${key}: ${matchLabels[key]},`).join("");
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${shown}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`;
}
