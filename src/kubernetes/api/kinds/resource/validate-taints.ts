// Taints of devices, and what tolerates them.

import { child, type FieldError, invalid, notSupported, required } from "../../field-error.ts";
import type { DeviceTaint, DeviceToleration } from "../../generated/types.ts";
import { checkLabelValue } from "../../names.ts";
import { validateLabelName } from "../metadata/labels.ts";
import { reportInvalid } from "../report.ts";

const effects = ["NoExecute", "NoSchedule", "None"];

export function validateDeviceTaint({ key, value, effect }: DeviceTaint, path: string, errors: FieldError[]): void {
  validateLabelName(key, child(path, "key"), errors);
  if (value) reportInvalid(errors, child(path, "value"), value, checkLabelValue(value));
  const effectPath = child(path, "effect");
  if (!effect) errors.push(required(effectPath));
  else if (!effects.includes(effect)) errors.push(notSupported(effectPath, effect, effects));
}

export function validateDeviceToleration(toleration: DeviceToleration, path: string, errors: FieldError[]): void {
  const { key, operator = "", value = "", effect } = toleration;
  const valuePath = child(path, "value");
  if (key) validateLabelName(key, child(path, "key"), errors);
  if (operator === "Exists") {
    if (value !== "") errors.push(invalid(valuePath, value, "must be empty for operator `Exists`"));
  } else if (operator === "Equal") reportInvalid(errors, valuePath, value, checkLabelValue(value));
  else if (operator === "") errors.push(required(child(path, "operator")));
  else errors.push(notSupported(child(path, "operator"), operator, ["Equal", "Exists"]));
  if (effect && !effects.includes(effect)) errors.push(notSupported(child(path, "effect"), effect, effects));
}
