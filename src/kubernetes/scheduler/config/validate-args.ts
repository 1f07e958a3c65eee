// Checks the arguments of the plug-ins, in upstream's words.

import {
  child,
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notSupported,
  required,
  SelectorError,
} from "#kubernetes/api";
import { describeError } from "#shared";
import type { DefaultPreemptionArgs } from "../plugins/default-preemption.ts";
import type { InterPodAffinityArgs } from "../plugins/inter-pod-affinity.ts";
import { createNodeAffinity, type NodeAffinityArgs } from "../plugins/node-affinity.ts";
import type { ResourceSpec, ScoringStrategy, UtilizationShapePoint } from "../plugins/node-resources/resource-args.ts";
import type { NodeResourcesBalancedAllocationArgs } from "../plugins/node-resources-balanced-allocation.ts";
import type { NodeResourcesFitArgs } from "../plugins/node-resources-fit.ts";
import type { PodTopologySpreadArgs } from "../plugins/pod-topology-spread.ts";
import type { VolumeBindingArgs } from "../plugins/volume-binding.ts";

type Validate = (args: object, path: string) => readonly FieldError[];

/** By plug-in; plug-ins that are not named have no arguments, or none that could be wrong. */
export const argsValidators: Readonly<Record<string, Validate>> = {
  DefaultPreemption: validateDefaultPreemption,
  InterPodAffinity: validateInterPodAffinity,
  NodeAffinity: validateNodeAffinity,
  NodeResourcesBalancedAllocation: validateBalancedAllocation,
  NodeResourcesFit: validateFit,
  PodTopologySpread: validateSpread,
  VolumeBinding: validateVolumeBinding,
};

function validateDefaultPreemption(args: DefaultPreemptionArgs, path: string): FieldError[] {
  const { minCandidateNodesPercentage: percentage = 10, minCandidateNodesAbsolute: absolute = 100 } = args;
  const percentagePath = child(path, "minCandidateNodesPercentage");
  const absolutePath = child(path, "minCandidateNodesAbsolute");
  const errors = rangeErrors(percentagePath, percentage, 0, 100);
  if (absolute < 0) errors.push(invalid(absolutePath, absolute, "not in valid range [0, inf)"));
  if (percentage === 0 && absolute === 0) {
    const atOnce = "cannot be zero at the same time as";
    errors.push(
      invalid(percentagePath, percentage, `${atOnce} minCandidateNodesAbsolute`),
      invalid(absolutePath, absolute, `${atOnce} minCandidateNodesPercentage`),
    );
  }
  return errors;
}

function validateInterPodAffinity({ hardPodAffinityWeight = 1 }: InterPodAffinityArgs, path: string): FieldError[] {
  return rangeErrors(child(path, "hardPodAffinityWeight"), hardPodAffinityWeight, 0, 100);
}

function validateNodeAffinity(args: NodeAffinityArgs, path: string): FieldError[] {
  try {
    createNodeAffinity(args);
    return [];
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    return [invalid(child(path, "addedAffinity"), args.addedAffinity, describeError(error))];
  }
}

function validateBalancedAllocation(args: NodeResourcesBalancedAllocationArgs, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [at, { name, weight = 1 }] of (args.resources ?? []).entries()) {
    const place = item(child(path, "resources"), at);
    if (seen.has(name)) errors.push(duplicate(child(place, "name"), name));
    seen.add(name);
    if (weight !== 1) errors.push(invalid(child(place, "weight"), weight, "must be 1"));
  }
  return errors;
}

function validateFit(
  { ignoredResourceGroups = [], scoringStrategy }: NodeResourcesFitArgs,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const [at, group] of ignoredResourceGroups.entries()) {
    const place = item(child(path, "ignoredResourceGroups"), at);
    if (group.includes("/")) errors.push(invalid(place, group, "resource group name can't contain '/'"));
  }
  if (scoringStrategy) errors.push(...strategyErrors(scoringStrategy, child(path, "scoringStrategy")));
  return errors;
}

const strategyTypes: readonly ScoringStrategy["type"][] = [
  "LeastAllocated",
  "MostAllocated",
  "RequestedToCapacityRatio",
];

function strategyErrors({ type, resources, requestedToCapacityRatio }: ScoringStrategy, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!strategyTypes.includes(type)) errors.push(notSupported(child(path, "type"), type, strategyTypes));
  errors.push(...weightErrors(resources ?? [], child(path, "resources")));
  const place = child(path, "requestedToCapacityRatio");
  if (type !== "RequestedToCapacityRatio") {
    if (requestedToCapacityRatio) {
      errors.push(forbiddenField(place, "must be nil when type is not RequestedToCapacityRatio"));
    }
  } else if (requestedToCapacityRatio) {
    errors.push(...shapeErrors(requestedToCapacityRatio.shape, child(place, "shape")));
  } else {
    errors.push(required(place, "must be specified when type is RequestedToCapacityRatio"));
  }
  return errors;
}

function weightErrors(resources: readonly ResourceSpec[], path: string): FieldError[] {
  return resources.flatMap(({ name, weight = 1 }, at) =>
    weight > 0 && weight <= 100
      ? []
      : [invalid(child(item(path, at), "weight"), weight, `resource weight of ${name} not in valid range (0, 100]`)],
  );
}

function shapeErrors(shape: readonly UtilizationShapePoint[], path: string): FieldError[] {
  if (shape.length === 0) return [required(path, "at least one point must be specified")];
  const errors: FieldError[] = [];
  const unsorted = shape.findIndex(({ utilization }, at) => at > 0 && shape[at - 1]!.utilization >= utilization);
  if (unsorted > 0) {
    const place = child(item(path, unsorted), "utilization");
    errors.push(invalid(place, shape[unsorted]!.utilization, "values must be sorted in increasing order"));
  }
  for (const [at, { utilization, score }] of shape.entries()) {
    errors.push(...rangeErrors(child(item(path, at), "utilization"), utilization, 0, 100));
    errors.push(...rangeErrors(child(item(path, at), "score"), score, 0, 10));
  }
  return errors;
}

const defaultingTypes = ["List", "System"];
const whenUnsatisfiables = ["DoNotSchedule", "ScheduleAnyway"];

function validateSpread(
  { defaultConstraints = [], defaultingType }: PodTopologySpreadArgs,
  path: string,
): FieldError[] {
  const type = defaultingType ?? "System";
  const errors: FieldError[] = [];
  const typePath = child(path, "defaultingType");
  if (!defaultingTypes.includes(type)) errors.push(notSupported(typePath, type, defaultingTypes));
  else if (type === "System" && defaultConstraints.length > 0) {
    errors.push(invalid(typePath, type, "when .defaultConstraints are not empty"));
  }
  const seen = new Set<string>();
  for (const [at, { maxSkew, topologyKey, whenUnsatisfiable, labelSelector }] of defaultConstraints.entries()) {
    const place = item(child(path, "defaultConstraints"), at);
    if (!(maxSkew > 0)) errors.push(invalid(child(place, "maxSkew"), maxSkew, "not in valid range (0, inf)"));
    if (!topologyKey) errors.push(required(child(place, "topologyKey"), "can not be empty"));
    if (!whenUnsatisfiables.includes(whenUnsatisfiable)) {
      errors.push(notSupported(child(place, "whenUnsatisfiable"), whenUnsatisfiable, whenUnsatisfiables));
    }
    if (labelSelector) {
      const detail = "constraint must not define a selector, as they deduced for each pod";
      errors.push(forbiddenField(child(place, "labelSelector"), detail));
    }
    const key = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (seen.has(key)) errors.push(duplicate(place, key));
    seen.add(key);
  }
  return errors;
}

function validateVolumeBinding({ bindTimeoutSeconds = 0 }: VolumeBindingArgs, path: string): FieldError[] {
  if (bindTimeoutSeconds >= 0) return [];
  const detail = "invalid BindTimeoutSeconds, should not be a negative value";
  return [invalid(child(path, "bindTimeoutSeconds"), bindTimeoutSeconds, detail)];
}

function rangeErrors(path: string, value: number, least: number, most: number): FieldError[] {
  return value >= least && value <= most ? [] : [invalid(path, value, `not in valid range [${least}, ${most}]`)];
}
