// Node: a machine pods run on. Its spec is an administrator's, its status the kubelet's.

import type { Node } from "../../../generated/types.ts";
import { warnOfCIDR } from "../../../ip-validation.ts";
import { type Decoded, defineKind } from "../../define-kind.ts";
import { noneCell } from "../../table/cells.ts";
import { formatAge } from "../../table/human-duration.ts";
import { roundUpAmounts } from "../resources/quantities.ts";
import { validateNode, validateNodeUpdate } from "./validate-node.ts";

export type DecodedNode = Decoded<Node, "spec" | "status">;

export const node = defineKind<DecodedNode>({
  group: "",
  version: "v1",
  kind: "Node",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  setDefaults,
  prepareForCreate: ({ spec, status }) => {
    delete spec.configSource;
    delete status.config;
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
    if (!old.spec.configSource) delete object.spec.configSource;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
    if (!old.status.config) delete object.status.config;
  },
  validate: validateNode,
  validateUpdate: (object, old) => [...validateNode(object), ...validateNodeUpdate(object, old)],
  validateStatusUpdate: validateNodeUpdate,
  warnings,
  selectableFields: { "spec.unschedulable": ({ spec }) => String(spec.unschedulable ?? false) },
  tableCells: (object, now) => ({ cells: nodeCells(object, now) }),
});

/** Without word of what pods may use, that is all there is. The first range of pods is known by both fields. */
function setDefaults({ spec, status }: DecodedNode): void {
  const { podCIDR, podCIDRs = [] } = spec;
  if (podCIDR && podCIDRs[0] !== podCIDR) spec.podCIDRs = [podCIDR];
  else if (podCIDRs[0]) spec.podCIDR = podCIDRs[0];
  if (!status.allocatable && status.capacity) status.allocatable = { ...status.capacity };
  roundUpAmounts(status.capacity);
  roundUpAmounts(status.allocatable);
}

function warnings({ spec }: DecodedNode): string[] {
  const warnings: string[] = [];
  if (spec.configSource) warnings.push("spec.configSource: the feature is removed");
  if (spec.externalID) warnings.push("spec.externalID: this field is deprecated, and is unused by Kubernetes");
  for (const [index, range] of (spec.podCIDRs ?? []).entries()) {
    warnings.push(...warnOfCIDR(`spec.podCIDRs[${index}]`, range));
  }
  return warnings;
}

function nodeCells({ metadata, spec, status }: DecodedNode, now: number): unknown[] {
  const { kubeletVersion = "", osImage, kernelVersion, containerRuntimeVersion, architecture } = status.nodeInfo ?? {};
  const unknown = "<unknown>";
  const kernel = kernelVersion || unknown;
  return [
    metadata.name,
    spec.unschedulable ? `${readiness(status)},SchedulingDisabled` : readiness(status),
    rolesOf(metadata.labels ?? {}) || noneCell,
    formatAge(metadata.creationTimestamp, now),
    kubeletVersion,
    addressOf(status, "InternalIP"),
    addressOf(status, "ExternalIP"),
    osImage || unknown,
    architecture ? `${kernel} (${architecture})` : kernel,
    containerRuntimeVersion || unknown,
  ];
}

function readiness({ conditions }: DecodedNode["status"]): string {
  const ready = (conditions ?? []).findLast((condition) => condition.type === "Ready");
  if (!ready) return "Unknown";
  return ready.status === "True" ? "Ready" : "NotReady";
}

/** Roles are labels: node-role.kubernetes.io/<role>, or kubernetes.io/role=<role>. */
function rolesOf(labels: Readonly<Record<string, string>>): string {
  const prefix = "node-role.kubernetes.io/";
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(labels)) {
    const role = key.startsWith(prefix) ? key.slice(prefix.length) : key === "kubernetes.io/role" ? value : "";
    if (role !== "") roles.add(role);
  }
  return [...roles].sort().join(",");
}

function addressOf({ addresses }: DecodedNode["status"], type: string): string {
  return addresses?.find((address) => address.type === type)?.address ?? noneCell;
}
