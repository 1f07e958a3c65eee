// What the checks of a pod's spec let pass because the object they check already had it, or because it is a template.

import type { ObjectMeta, PodSpec, PodTemplateSpec } from "../../../generated/types.ts";
import { isInvalidLabelSelector } from "../../metadata/labels.ts";
import { isSidecar } from "../resources/pod-totals.ts";
import { isHugePages } from "../resources/resource-names.ts";
import { hasInvalidPodSelector } from "../scheduling/affinity.ts";
import { hasInvalidValue } from "../scheduling/node-selector.ts";
import { hasInvalidLabelKeys } from "../scheduling/topology-spread.ts";
import { isUnreservedPath } from "../volumes/paths.ts";
import { allContainers } from "./pod-check.ts";
import { isDeletionCost } from "./validate-annotations.ts";
import { isWholePages } from "./validate-resources.ts";
import { isHostSysctl } from "./validate-security-context.ts";

/** Upstream's PodValidationOptions, as far as the feature gates of 1.36 leave them open. */
export interface PodOptions {
  /** A Pod rather than the template of one. */
  readonly isPod: boolean;
  readonly allowInvalidDeletionCost: boolean;
  readonly allowPartialHugePages: boolean;
  readonly allowInvalidLabelSelectorValues: boolean;
  readonly allowInvalidNodeSelectorValues: boolean;
  readonly allowInvalidSpreadSelector: boolean;
  readonly legacyMatchLabelKeys: boolean;
  readonly allowAnyTokenPath: boolean;
  readonly allowHostSysctls: boolean;
  /** SELinuxMount is off: volumes are relabelled recursively, unless the old object said otherwise. */
  readonly allowMountSELinuxPolicy: boolean;
  readonly allowRestartOfInitContainers: boolean;
  readonly allowDevicesInUserNamespace: boolean;
  readonly allowTolerationComparison: boolean;
  readonly allowHostNetworkInUserNamespace: boolean;
}

const newPod: PodOptions = {
  isPod: true,
  allowInvalidDeletionCost: false,
  allowPartialHugePages: false,
  allowInvalidLabelSelectorValues: false,
  allowInvalidNodeSelectorValues: false,
  allowInvalidSpreadSelector: false,
  legacyMatchLabelKeys: false,
  allowAnyTokenPath: false,
  allowHostSysctls: false,
  allowMountSELinuxPolicy: false,
  allowRestartOfInitContainers: false,
  allowDevicesInUserNamespace: false,
  allowTolerationComparison: false,
  allowHostNetworkInUserNamespace: false,
};
const newTemplate: PodOptions = { ...newPod, isPod: false };

/** For a Pod; `old` is what it was before, absent for a new one. */
export function podOptions(old?: { readonly spec: PodSpec; readonly metadata: ObjectMeta }): PodOptions {
  return old ? { ...optionsFrom(old.spec, old.metadata), isPod: true } : newPod;
}

/** For the template in a workload; `old` is what it was before, absent for a new one. */
export function podTemplateOptions(old?: PodTemplateSpec): PodOptions {
  return old?.spec ? { ...optionsFrom(old.spec, old.metadata ?? {}), isPod: false } : newTemplate;
}

function optionsFrom(spec: PodSpec, metadata: ObjectMeta): PodOptions {
  const constraints = spec.topologySpreadConstraints ?? [];
  const nodeAffinity = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const ownsUsers = spec.hostUsers === false;
  return {
    isPod: true,
    allowInvalidDeletionCost: !isDeletionCost(metadata.annotations),
    allowPartialHugePages: usesPartialHugePages(spec),
    allowInvalidLabelSelectorValues: hasInvalidPodSelector(spec.affinity),
    allowInvalidNodeSelectorValues: hasInvalidValue(nodeAffinity),
    allowInvalidSpreadSelector: constraints.some(({ labelSelector }) => isInvalidLabelSelector(labelSelector)),
    legacyMatchLabelKeys: hasInvalidLabelKeys(constraints),
    allowAnyTokenPath: usesReservedTokenPath(spec),
    allowHostSysctls: (spec.securityContext?.sysctls ?? []).some(({ name }) => isHostSysctl(name, spec)),
    allowMountSELinuxPolicy: spec.securityContext?.seLinuxChangePolicy !== undefined,
    allowRestartOfInitContainers: restartsInitContainers(spec),
    allowDevicesInUserNamespace: ownsUsers && allContainers(spec).some(({ volumeDevices }) => volumeDevices?.length),
    allowTolerationComparison: (spec.tolerations ?? []).some(({ operator }) => operator === "Lt" || operator === "Gt"),
    allowHostNetworkInUserNamespace: ownsUsers && spec.hostNetwork === true,
  };
}

function usesPartialHugePages(spec: PodSpec): boolean {
  const lists = allContainers(spec).flatMap(({ resources }) => [resources?.limits, resources?.requests]);
  return [...lists, spec.overhead].some((list) =>
    Object.entries(list ?? {}).some(([name, amount]) => isHugePages(name) && !isWholePages(name, amount)),
  );
}

function usesReservedTokenPath(spec: PodSpec): boolean {
  return (spec.volumes ?? []).some(({ projected }) =>
    (projected?.sources ?? []).some(
      ({ serviceAccountToken }) => serviceAccountToken && !isUnreservedPath(serviceAccountToken.path),
    ),
  );
}

function restartsInitContainers(spec: PodSpec): boolean {
  return (spec.initContainers ?? []).some(
    (container) =>
      !isSidecar(container) &&
      (container.resizePolicy ?? []).some(({ restartPolicy }) => restartPolicy === "RestartContainer"),
  );
}
