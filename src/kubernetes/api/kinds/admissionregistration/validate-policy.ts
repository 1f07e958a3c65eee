// What admission policies of both sorts have in common: parameters, constraints, variables. Whether expressions compile is asked
// of the caller.

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type { MatchCondition, MatchResources, ParamKind, Variable } from "../../generated/types.ts";
import { checkDNS1035Label, checkDNS1123Subdomain } from "../../names.ts";
import type { ExpressionErrors } from "../check-context.ts";
import { failurePolicies, validateMatchConditions, validateMatchResources } from "./validate-match.ts";

interface PolicySpec {
  readonly failurePolicy?: string;
  readonly paramKind?: ParamKind;
  readonly matchConstraints?: MatchResources;
  readonly matchConditions?: MatchCondition[];
  readonly variables?: Variable[];
}

interface PolicyChecks {
  /** False where an update leaves them as they were. */
  readonly looksAtConditions: boolean;
  readonly checkConstraints?: (match: MatchResources, path: string) => void;
  readonly expressionErrors: ExpressionErrors;
}

export function validatePolicy(
  spec: PolicySpec,
  path: string,
  errors: FieldError[],
  { looksAtConditions, checkConstraints, expressionErrors }: PolicyChecks,
): void {
  const { failurePolicy, paramKind, matchConstraints } = spec;
  const failurePath = child(path, "failurePolicy");
  if (failurePolicy === undefined) errors.push(required(failurePath));
  else if (!failurePolicies.includes(failurePolicy)) {
    errors.push(notSupported(failurePath, failurePolicy, failurePolicies));
  }
  if (paramKind) validateParamKind(paramKind, child(path, "paramKind"), errors);
  const constraintsPath = child(path, "matchConstraints");
  if (matchConstraints) {
    validateMatchResources(matchConstraints, constraintsPath, errors);
    if (!matchConstraints.resourceRules?.length) errors.push(required(child(constraintsPath, "resourceRules")));
    checkConstraints?.(matchConstraints, constraintsPath);
  } else errors.push(required(constraintsPath));
  if (looksAtConditions) {
    validateMatchConditions(spec.matchConditions, child(path, "matchConditions"), errors, expressionErrors);
  }
  for (const [index, variable] of (spec.variables ?? []).entries()) {
    validateVariable(variable, item(child(path, "variables"), index), errors, expressionErrors);
  }
}

export function paramKindCell(paramKind: ParamKind | undefined): string {
  return paramKind ? `${paramKind.apiVersion ?? ""}/${paramKind.kind ?? ""}` : "<unset>";
}

function validateParamKind({ apiVersion = "", kind = "" }: ParamKind, path: string, errors: FieldError[]): void {
  validateParamVersion(apiVersion, child(path, "apiVersion"), errors);
  const kindPath = child(path, "kind");
  const problems = checkDNS1035Label(kind.toLowerCase());
  if (kind === "") errors.push(required(kindPath));
  else if (problems.length > 0) {
    const why = `may have mixed case, but should otherwise match: ${problems.join(",")}`;
    errors.push(invalid(kindPath, kind, why));
  }
}

function validateParamVersion(apiVersion: string, path: string, errors: FieldError[]): void {
  if (apiVersion === "") {
    errors.push(required(path));
    return;
  }
  const parts = apiVersion === "/" ? [""] : apiVersion.split("/");
  if (parts.length > 2) {
    errors.push(invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
    return;
  }
  const version = parts.at(-1) ?? "";
  const group = parts.length === 2 ? parts[0]! : "";
  const ofGroup = group === "" ? [] : checkDNS1123Subdomain(group);
  if (ofGroup.length > 0) errors.push(invalid(path, group, ofGroup.join(",")));
  const ofVersion = checkDNS1035Label(version);
  if (version === "") errors.push(invalid(path, apiVersion, "version must be specified"));
  else if (ofVersion.length > 0) errors.push(invalid(path, version, ofVersion.join(",")));
}

const reservedWords = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);

function validateVariable(
  { name, expression }: Variable,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  const namePath = child(path, "name");
  if (name.trim() === "") errors.push(required(namePath, "name is not specified"));
  else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || reservedWords.has(name)) {
    errors.push(invalid(namePath, name, "must be a valid CEL identifier"));
  }
  const expressionPath = child(path, "expression");
  if (expression.trim() === "") errors.push(required(expressionPath, "expression is not specified"));
  else errors.push(...expressionErrors(expressionPath));
}
