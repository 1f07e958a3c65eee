// The metrics of an autoscaler: one source each, of the type named, with a target that suits it.

import { child, type FieldError, forbiddenField, invalid, item, notSupported, required } from "../../field-error.ts";
import type {
  ContainerResourceMetricSource,
  ExternalMetricSource,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from "../../generated/types.ts";
import { checkDNS1123Label } from "../../names.ts";
import { parseQuantity } from "../../quantity/parse.ts";
import { signOf } from "../../quantity/quantity.ts";
import { validateContainerResourceName } from "../core/resources/validate-resource-name.ts";
import { reportInvalid } from "../report.ts";
import type { DecodedAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { type ReferenceOptions, validatePathSegment, validateReference } from "./validate-reference.ts";

const types = ["ContainerResource", "External", "Object", "Pods", "Resource"];
/** The fields the types name, in the order upstream looks at them. */
const sources = ["object", "external", "pods", "resource", "containerResource"] as const;

export function validateMetrics(
  { metrics, minReplicas }: DecodedAutoscaler["spec"],
  path: string,
  errors: FieldError[],
  options: ReferenceOptions,
): void {
  for (const [index, metric] of (metrics ?? []).entries()) validateMetric(metric, item(path, index), errors, options);
  const canTellOfNone = (metrics ?? []).some(({ type }) => type === "Object" || type === "External");
  if (minReplicas !== 0 || canTellOfNone) return;
  const why = "must specify at least one Object or External metric to support scaling to zero replicas";
  errors.push(forbiddenField(path, why));
}

function validateMetric(metric: MetricSpec, path: string, errors: FieldError[], options: ReferenceOptions): void {
  const { type } = metric;
  const typePath = child(path, "type");
  if (type === "") errors.push(required(typePath, "must specify a metric source type"));
  if (!types.includes(type)) errors.push(notSupported(typePath, type, types));
  const present = sources.filter((source) => metric[source] !== undefined);
  const [first] = present;
  if (first) validateSource(metric, first, child(path, first), errors, options);
  const expected = sources.find((source) => source.toLowerCase() === type.toLowerCase() && types.includes(type));
  if (!expected) errors.push(notSupported(typePath, type, types));
  else if (!metric[expected]) {
    errors.push(required(child(path, expected), "must populate information for the given metric source"));
  }
  if (present.length === 1) return;
  for (const source of present) {
    if (source === expected) continue;
    errors.push(forbiddenField(child(path, source), "must populate the given metric source only"));
  }
}

function validateSource(
  metric: MetricSpec,
  source: (typeof sources)[number],
  path: string,
  errors: FieldError[],
  options: ReferenceOptions,
): void {
  if (source === "object") validateObject(metric.object!, path, errors, options);
  else if (source === "external") validateExternal(metric.external!, path, errors);
  else if (source === "pods") validatePods(metric.pods!, path, errors);
  else if (source === "resource") validateResource(metric.resource!, path, errors);
  else validateContainerResource(metric.containerResource!, path, errors);
}

const noName = "must specify a metric name";

function validateObject(
  { describedObject, metric, target }: ObjectMetricSource,
  path: string,
  errors: FieldError[],
  options: ReferenceOptions,
): void {
  validateReference(describedObject, child(path, "describedObject"), errors, options);
  validatePathSegment(metric.name, child(path, "metric", "name"), errors, noName);
  validateTarget(target, child(path, "target"), errors);
  if (target.value === undefined && target.averageValue === undefined) {
    errors.push(required(child(path, "target", "averageValue"), "must set either a target value or averageValue"));
  }
}

function validateExternal({ metric, target }: ExternalMetricSource, path: string, errors: FieldError[]): void {
  validatePathSegment(metric.name, child(path, "metric", "name"), errors, noName);
  validateTarget(target, child(path, "target"), errors);
  const { value, averageValue } = target;
  if (value === undefined && averageValue === undefined) {
    const why = "must set either a target value for metric or a per-pod target";
    errors.push(required(child(path, "target", "averageValue"), why));
  }
  if (value !== undefined && averageValue !== undefined) {
    const why = "may not set both a target value for metric and a per-pod target";
    errors.push(forbiddenField(child(path, "target", "value"), why));
  }
}

function validatePods({ metric, target }: PodsMetricSource, path: string, errors: FieldError[]): void {
  validatePathSegment(metric.name, child(path, "metric", "name"), errors, noName);
  validateTarget(target, child(path, "target"), errors);
  if (target.averageValue !== undefined) return;
  errors.push(required(child(path, "target", "averageValue"), "must specify a positive target averageValue"));
}

function validateContainerResource(
  { name, container, target }: ContainerResourceMetricSource,
  path: string,
  errors: FieldError[],
): void {
  if (name === "") errors.push(required(child(path, "name"), "must specify a resource name"));
  else validateContainerResourceName(name, child(path, "name"), errors);
  const containerPath = child(path, "container");
  if (container === "") errors.push(required(containerPath, "must specify a container"));
  else reportInvalid(errors, containerPath, container, checkDNS1123Label(container));
  validateResourceTarget(target, child(path, "target"), errors);
}

function validateResource({ name, target }: ResourceMetricSource, path: string, errors: FieldError[]): void {
  if (name === "") errors.push(required(child(path, "name"), "must specify a resource name"));
  validateResourceTarget(target, child(path, "target"), errors);
}

function validateResourceTarget(target: MetricTarget, path: string, errors: FieldError[]): void {
  validateTarget(target, path, errors);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    const why = "must set either a target raw value or a target utilization";
    errors.push(required(child(path, "averageUtilization"), why));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const why = "may not set both a target raw value and a target utilization";
    errors.push(forbiddenField(child(path, "averageValue"), why));
  }
}

const targetTypes = ["Utilization", "Value", "AverageValue"];

function validateTarget(target: MetricTarget, path: string, errors: FieldError[]): void {
  const { type, averageUtilization } = target;
  const typePath = child(path, "type");
  if (type === "") errors.push(required(typePath, "must specify a metric target type"));
  if (!targetTypes.includes(type)) {
    errors.push(invalid(typePath, type, "must be either Utilization, Value, or AverageValue"));
  }
  for (const field of ["value", "averageValue"] as const) {
    const amount = target[field];
    if (amount === undefined || signOf(parseQuantity(amount)) > 0) continue;
    errors.push(invalid(child(path, field), amount, "must be positive"));
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalid(child(path, "averageUtilization"), averageUtilization, "must be greater than 0"));
  }
}
