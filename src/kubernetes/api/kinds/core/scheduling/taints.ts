// Taints of nodes and the tolerations of pods.

import { child, duplicate, type FieldError, invalid, item, notSupported, required } from "../../../field-error.ts";
import type { Taint, Toleration } from "../../../generated/types.ts";
import { checkDecimalInteger, checkLabelValue } from "../../../names.ts";
import { validateLabelName } from "../../metadata/labels.ts";
import { reportInvalid } from "../../report.ts";
import { internalForm } from "../../values/internal-form.ts";

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

export function validateTaints(taints: readonly Taint[], path: string, errors: FieldError[]): void {
  const known = new Set<string>();
  for (const [index, taint] of taints.entries()) {
    const taintPath = item(path, index);
    validateLabelName(taint.key, child(taintPath, "key"), errors);
    validateValue(taint.value ?? "", child(taintPath, "value"), errors);
    if (!taint.effect) errors.push(required(child(taintPath, "effect")));
    else validateEffect(taint.effect, child(taintPath, "effect"), errors);
    const identity = `${taint.effect} ${taint.key}`;
    if (known.has(identity)) errors.push(describeRepeated(taint, taintPath));
    known.add(identity);
  }
}

function describeRepeated(taint: Taint, path: string): FieldError {
  const error = duplicate(path, internalForm("Taint", taint));
  return { ...error, body: `${error.body}: taints must be unique by key and effect pair` };
}

function validateEffect(effect: string, path: string, errors: FieldError[]): void {
  if (!effects.includes(effect)) errors.push(notSupported(path, effect, effects));
}

function validateValue(value: string, path: string, errors: FieldError[]): void {
  const problems = checkLabelValue(value);
  if (problems.length > 0) errors.push(invalid(path, value, problems.join(";")));
}

export interface TolerationOptions {
  /** Lt and Gt compare numbers: off in 1.36 unless an old object already does. */
  readonly allowComparison: boolean;
}

export function validateTolerations(
  tolerations: readonly Toleration[],
  path: string,
  errors: FieldError[],
  options: TolerationOptions,
): void {
  for (const [index, toleration] of tolerations.entries()) {
    validateToleration(toleration, item(path, index), errors, options);
  }
}

function validateToleration(
  toleration: Toleration,
  path: string,
  errors: FieldError[],
  options: TolerationOptions,
): void {
  const { key, operator = "", effect = "", tolerationSeconds } = toleration;
  if (key) validateLabelName(key, child(path, "key"), errors);
  else if (operator !== "Exists") {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalid(child(path, "operator"), operator, why));
  }
  if (tolerationSeconds !== undefined && effect !== "NoExecute") {
    errors.push(invalid(child(path, "effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  validateOperator(toleration, path, errors, options);
  if (effect !== "") validateEffect(effect, child(path, "effect"), errors);
}

function validateOperator(
  { operator = "", value = "" }: Toleration,
  path: string,
  errors: FieldError[],
  options: TolerationOptions,
): void {
  const operatorPath = child(path, "operator");
  switch (operator) {
    case "":
    case "Equal":
      validateValue(value, operatorPath, errors);
      return;
    case "Exists":
      if (value !== "") errors.push(invalid(operatorPath, value, "value must be empty when `operator` is 'Exists'"));
      return;
    case "Lt":
    case "Gt":
      if (options.allowComparison) validateNumber(value, child(path, "value"), errors);
      else errors.push(notSupported(operatorPath, operator, ["Equal", "Exists", "Lt", "Gt"]));
      return;
    default:
      errors.push(notSupported(operatorPath, operator, ["Equal", "Exists"]));
  }
}

/** The words for what cannot be read as an int64 are those of Go's strconv. */
function validateNumber(value: string, path: string, errors: FieldError[]): void {
  reportInvalid(errors, path, value, checkDecimalInteger(value));
  const readable = /^[+-]?[0-9]+$/.test(value);
  if (!readable)
    errors.push(invalid(path, value, `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`));
  else if (BigInt.asIntN(64, BigInt(value)) !== BigInt(value)) {
    errors.push(invalid(path, value, `strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`));
  }
}
