// LimitRange: the least, most and usual amounts of a namespace's containers, pods and claims, which must fit each other.

import { randomUUID } from "node:crypto";
import {
  child,
  duplicate,
  entry,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  required,
} from "../../field-error.ts";
import type { LimitRange, LimitRangeItem } from "../../generated/types.ts";
import { checkQualifiedName } from "../../names.ts";
import { quantityMilliValue, quantityValue } from "../../quantity/values.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { reportInvalid } from "../report.ts";
import { compareAmounts, formatAmount, type ResourceList, roundUpAmounts } from "./resources/quantities.ts";
import { isOvercommitAllowed } from "./resources/resource-names.ts";
import { validateContainerResourceName, validateResourceName } from "./resources/validate-resource-name.ts";

type DecodedLimitRange = Decoded<LimitRange, "spec">;

const standardTypes: readonly string[] = ["Pod", "Container", "PersistentVolumeClaim"];
const listFields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

export const limitRange = defineKind<DecodedLimitRange>({
  group: "",
  version: "v1",
  kind: "LimitRange",
  metadataChecks: ["object"],
  hasGeneration: false,
  setDefaults,
  prepareForCreate: ({ metadata }) => {
    metadata.name ||= randomUUID();
  },
  validate,
  validateUpdate: validate,
  allowCreateOnUpdate: true,
});

function setDefaults({ spec }: DecodedLimitRange): void {
  for (const limit of spec.limits ?? []) {
    if (limit.type === "Container") setContainerDefaults(limit);
    for (const field of listFields) roundUpAmounts(limit[field]);
  }
}

/** The usual limit is the most; the usual request is the usual limit, else the least. */
function setContainerDefaults(limit: LimitRangeItem): void {
  const limits = { ...limit.max, ...limit.default };
  const requests = { ...limit.min, ...limits, ...limit.defaultRequest };
  if (Object.keys(limits).length > 0) limit.default = limits;
  if (Object.keys(requests).length > 0) limit.defaultRequest = requests;
}

function validate({ spec }: DecodedLimitRange): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  for (const [index, limit] of (spec.limits ?? []).entries()) {
    const path = item("spec.limits", index);
    validateType(limit.type, child(path, "type"), errors);
    if (types.has(limit.type)) errors.push(duplicate(child(path, "type"), limit.type));
    types.add(limit.type);
    validateLimit(limit, path, errors);
  }
  return errors;
}

function validateType(type: string, path: string, errors: FieldError[]): void {
  const problems = checkQualifiedName(type);
  reportInvalid(errors, path, type, problems);
  if (problems.length > 0 || type.includes("/") || standardTypes.includes(type)) return;
  errors.push(invalid(path, type, "must be a standard limit type or fully qualified"));
}

function validateLimit(limit: LimitRangeItem, path: string, errors: FieldError[]): void {
  validateNames(limit, "max", path, errors);
  validateNames(limit, "min", path, errors);
  if (limit.type === "Pod") {
    for (const field of ["default", "defaultRequest"] as const) {
      if (limit[field]) errors.push(forbiddenField(child(path, field), "may not be specified when `type` is 'Pod'"));
    }
  } else {
    validateNames(limit, "default", path, errors);
    validateNames(limit, "defaultRequest", path, errors);
  }
  if (limit.type === "PersistentVolumeClaim" && !limit.min?.["storage"] && !limit.max?.["storage"]) {
    const why = "either minimum or maximum storage value is required, but neither was provided";
    errors.push(required(child(path, "limits"), why));
  }
  validateNames(limit, "maxLimitRequestRatio", path, errors);
  validateAmounts(limit, path, errors);
}

function validateNames(
  limit: LimitRangeItem,
  field: (typeof listFields)[number],
  path: string,
  errors: FieldError[],
): void {
  const isOfContainers = limit.type === "Pod" || limit.type === "Container";
  const validateName = isOfContainers ? validateContainerResourceName : validateResourceName;
  for (const name in limit[field]) validateName(name, entry(child(path, field), name), errors);
}

/** Upstream leaves the defaults of pods, which are forbidden, out of the comparison. */
function validateAmounts(limit: LimitRangeItem, path: string, errors: FieldError[]): void {
  const isPod = limit.type === "Pod";
  const lists = {
    min: limit.min,
    max: limit.max,
    default: isPod ? undefined : limit.default,
    defaultRequest: isPod ? undefined : limit.defaultRequest,
    maxLimitRequestRatio: limit.maxLimitRequestRatio,
  };
  const names = new Set(Object.values(lists).flatMap((list) => Object.keys(list ?? {})));
  for (const name of names) validateAmountsOf(name, lists, path, errors);
}

type Lists = Readonly<Record<(typeof listFields)[number], ResourceList | undefined>>;

/** Two lists whose amounts must not decrease from the first to the second, and whose amount the error shows. */
const orders = [
  { low: "min", high: "max", field: "min", shown: "min", words: ["min value", "max value"] },
  {
    low: "min",
    high: "defaultRequest",
    field: "defaultRequest",
    shown: "defaultRequest",
    words: ["min value", "default request value"],
  },
  {
    low: "defaultRequest",
    high: "max",
    field: "defaultRequest",
    shown: "defaultRequest",
    words: ["default request value", "max value"],
  },
  {
    low: "defaultRequest",
    high: "default",
    field: "defaultRequest",
    shown: "defaultRequest",
    words: ["default request value", "default limit value"],
  },
  { low: "min", high: "default", field: "default", shown: "min", words: ["min value", "default value"] },
  { low: "default", high: "max", field: "default", shown: "max", words: ["default value", "max value"] },
] as const;

function validateAmountsOf(name: string, lists: Lists, path: string, errors: FieldError[]): void {
  for (const { low, high, field, shown, words } of orders) {
    const least = lists[low]?.[name];
    const most = lists[high]?.[name];
    if (least === undefined || most === undefined || compareAmounts(least, most) <= 0) continue;
    const detail = `${words[0]} ${formatAmount(least)} is greater than ${words[1]} ${formatAmount(most)}`;
    errors.push(invalid(entry(child(path, field), name), formatAmount(lists[shown]?.[name] ?? "0"), detail));
  }
  validateRatio(name, lists, path, errors);
  validateFixed(name, lists, path, errors);
}

function validateRatio(name: string, lists: Lists, path: string, errors: FieldError[]): void {
  const ratio = lists.maxLimitRequestRatio?.[name];
  if (ratio === undefined) return;
  const field = entry(child(path, "maxLimitRequestRatio"), name);
  const shown = formatAmount(ratio);
  if (compareAmounts(ratio, "1") < 0) errors.push(invalid(field, shown, `ratio ${shown} is less than 1`));
  const least = lists.min?.[name];
  const most = lists.max?.[name];
  if (least === undefined || most === undefined) return;
  const { ratioValue, limit } = measureRatio(ratio, least, most);
  if (ratioValue > limit) {
    errors.push(invalid(field, shown, `ratio ${shown} is greater than max/min = ${formatFloat(limit)}`));
  }
}

/** Amounts up to this many units can be counted in thousandths. */
const mostMilliValue = (2 ** 63 - 1) / 1000;

function measureRatio(ratio: string, least: string, most: string): { ratioValue: number; limit: number } {
  const inUnits = [ratio, least, most].some((amount) => quantityValue(amount) >= mostMilliValue);
  if (inUnits) return { ratioValue: quantityValue(ratio), limit: quantityValue(most) / quantityValue(least) };
  return {
    ratioValue: quantityMilliValue(ratio) / 1000,
    limit: quantityMilliValue(most) / quantityMilliValue(least),
  };
}

/** Go's %f. */
function formatFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "-Inf" : "+Inf";
  return Object.is(value, -0) ? "-0.000000" : value.toFixed(6);
}

function validateFixed(name: string, lists: Lists, path: string, errors: FieldError[]): void {
  const limit = lists.default?.[name];
  const request = lists.defaultRequest?.[name];
  if (isOvercommitAllowed(name) || limit === undefined || request === undefined) return;
  if (compareAmounts(limit, request) === 0) return;
  const shown = formatAmount(request);
  const detail = `default value ${formatAmount(limit)} must equal to defaultRequest value ${shown} in ${name}`;
  errors.push(invalid(entry(child(path, "defaultRequest"), name), shown, detail));
}
