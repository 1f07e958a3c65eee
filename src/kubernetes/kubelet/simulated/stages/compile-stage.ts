// Makes a Stage ready to run: its selector, delay and weight as functions of a resource, its templates compiled. Says plainly
// what of a Stage is not understood here.

import type { KubeObject } from "#kubernetes/api";
import { compileJq, type JqFilter, type JqValue, runJq } from "./jq/jq.ts";
import {
  type JqRequirement,
  type StageDelay,
  type StageEvent,
  type StageFinalizers,
  type StageObject,
  type StagePatch,
  type StageSelector,
  type StageStep,
  stepsOf,
  type ValueFrom,
} from "./stage.ts";
import type { TemplateFunctions } from "./template/scope.ts";
import { compileTemplate, type Template } from "./template/template.ts";

export interface Stage {
  readonly name: string;
  /** "Pod", "Node". */
  readonly kind: string;
  matches(object: KubeObject): boolean;
  /** Undefined: none was given. */
  weight(object: KubeObject): number | undefined;
  /** `random` is from 0 to below 1. */
  delayMs(object: KubeObject, nowMs: number, random: number): number;
  readonly steps: readonly Step[];
  readonly immediateNextStage: boolean;
}

export type Step =
  | { readonly action: "event"; readonly event: StageEvent }
  | { readonly action: "finalizers"; readonly finalizers: StageFinalizers }
  | { readonly action: "delete" }
  | { readonly action: "patch"; readonly patch: StagePatch; readonly template: Template };

/** Undefined for a stage without a selector, which matches nothing. Throws for one that can't be understood. */
export function compileStage({ metadata, spec }: StageObject, functions: TemplateFunctions): Stage | undefined {
  if (!spec?.selector) return undefined;
  const { resourceRef, selector, weight = 0, weightFrom, delay, immediateNextStage = false } = spec;
  return {
    name: metadata.name ?? "",
    kind: resourceRef.kind,
    matches: compileSelector(selector),
    weight: compileWeight(weight, weightFrom),
    delayMs: compileDelay(delay),
    steps: stepsOf(spec).flatMap((step) => compileStep(step, functions)),
    immediateNextStage,
  };
}

function compileSelector({ matchLabels = {}, matchAnnotations = {}, matchExpressions = [] }: StageSelector) {
  const requirements = matchExpressions.map(({ cel, jq, ...direct }) => {
    if (cel) throw new Error("CEL expressions are not understood here, use jq");
    return compileRequirement(jq ?? direct);
  });
  const holds = (wanted: Readonly<Record<string, string>>, actual: Readonly<Record<string, string>> = {}) =>
    Object.entries(wanted).every(([key, value]) => actual[key] === value);
  return (object: KubeObject): boolean =>
    holds(matchLabels, object.metadata.labels) &&
    holds(matchAnnotations, object.metadata.annotations) &&
    requirements.every((requirement) => requirement(object));
}

function compileRequirement({ key = "", operator = "", values = [] }: JqRequirement) {
  const filter = compileJq(key);
  const found = (object: KubeObject) => runJq(filter, toJson(object)) ?? [];
  const isOneOf = (object: KubeObject) => found(object).some((value) => values.includes(String(value)));
  switch (operator) {
    case "In":
      return isOneOf;
    case "NotIn":
      return (object: KubeObject) => !isOneOf(object);
    case "Exists":
      return (object: KubeObject) => found(object).length > 0;
    case "DoesNotExist":
      return (object: KubeObject) => found(object).length === 0;
    default:
      throw new Error(`operator ${JSON.stringify(operator)} is not supported`);
  }
}

function compileValueFrom(from: ValueFrom | undefined): JqFilter | undefined {
  if (from?.cel) throw new Error("CEL expressions are not understood here, use jq");
  const expression = from?.jq?.expression ?? from?.expressionFrom;
  return expression === undefined ? undefined : compileJq(expression);
}

function compileWeight(fixed: number, from: ValueFrom | undefined) {
  const filter = compileValueFrom(from);
  return (object: KubeObject): number | undefined => {
    const [value] = (filter && runJq(filter, toJson(object))) ?? [];
    if (typeof value === "number") return Math.trunc(value);
    if (typeof value !== "string") return fixed;
    return value.trim() !== "" && Number.isInteger(Number(value)) ? Number(value) : undefined;
  };
}

function compileDelay(delay: StageDelay = {}) {
  const { durationMilliseconds, durationFrom, jitterDurationMilliseconds, jitterDurationFrom } = delay;
  const duration = compileDuration(durationMilliseconds ?? (durationFrom ? 0 : undefined), durationFrom);
  const jitter = compileDuration(jitterDurationMilliseconds, jitterDurationFrom);
  return (object: KubeObject, nowMs: number, random: number): number => {
    const least = duration(object, nowMs) ?? 0;
    const most = jitter(object, nowMs);
    if (most === undefined) return Math.max(0, least);
    return Math.max(0, most <= least ? most : least + (most - least) * random);
  };
}

function compileDuration(fixed: number | undefined, from: ValueFrom | undefined) {
  const filter = compileValueFrom(from);
  return (object: KubeObject, nowMs: number): number | undefined => {
    const [value] = (filter && runJq(filter, toJson(object))) ?? [];
    if (typeof value !== "string") return fixed;
    if (value === "") return undefined;
    const time = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? (parseGoDuration(value) ?? fixed) : time - nowMs;
  };
}

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** "1m30s" in milliseconds; undefined: it is no duration. */
export function parseGoDuration(text: string): number | undefined {
  if (!/^[+-]?(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return text === "0" ? 0 : undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)];
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * unitMs[unit!]!, 0);
  return text.startsWith("-") ? -sum : sum;
}

function compileStep({ event, finalizers, delete: isDelete, patch, apply }: StageStep, functions: TemplateFunctions) {
  if (apply) throw new Error("apply steps are not understood here");
  const steps: Step[] = [];
  if (event) steps.push({ action: "event", event });
  if (finalizers) steps.push({ action: "finalizers", finalizers });
  if (isDelete) steps.push({ action: "delete" });
  if (patch)
    steps.push({ action: "patch", patch, template: compileTemplate((patch.template ?? "").trim(), functions) });
  return steps;
}

function toJson(object: KubeObject): JqValue {
  return object as unknown as JqValue;
}
