// The plug-ins there are, by name.

import type { Plugin, PluginHandle } from "../framework.ts";
import { createDefaultBinder } from "../plugins/default-binder.ts";
import { createDefaultPreemption } from "../plugins/default-preemption.ts";
import { createDynamicResources } from "../plugins/dynamic-resources.ts";
import { createImageLocality } from "../plugins/image-locality.ts";
import { createInterPodAffinity } from "../plugins/inter-pod-affinity.ts";
import { createNodeAffinity } from "../plugins/node-affinity.ts";
import { createNodeDeclaredFeatures } from "../plugins/node-declared-features.ts";
import { createNodeName } from "../plugins/node-name.ts";
import { createNodePorts } from "../plugins/node-ports.ts";
import { createDeviceClassNames } from "../plugins/node-resources/device-class-names.ts";
import { createNodeResourcesBalancedAllocation } from "../plugins/node-resources-balanced-allocation.ts";
import { createNodeResourcesFit } from "../plugins/node-resources-fit.ts";
import { createNodeUnschedulable } from "../plugins/node-unschedulable.ts";
import { createNodeVolumeLimits } from "../plugins/node-volume-limits.ts";
import { createPodTopologySpread } from "../plugins/pod-topology-spread.ts";
import { createPrioritySort } from "../plugins/priority-sort.ts";
import { createSchedulingGates } from "../plugins/scheduling-gates.ts";
import { createTaintToleration } from "../plugins/taint-toleration.ts";
import { createVolumeBinding } from "../plugins/volume-binding.ts";
import { createVolumeRestrictions } from "../plugins/volume-restrictions.ts";
import { createVolumeZone } from "../plugins/volume-zone.ts";

/** Makes a plug-in for one profile. `args` are as its pluginConfig says, validated; {} where that says nothing. */
export type PluginFactory = (args: object, handle: PluginHandle) => Plugin;

/** Upstream's own. */
export const defaultFactories: Readonly<Record<string, PluginFactory>> = {
  SchedulingGates: createSchedulingGates,
  PrioritySort: createPrioritySort,
  NodeUnschedulable: createNodeUnschedulable,
  NodeName: createNodeName,
  TaintToleration: createTaintToleration,
  NodeAffinity: createNodeAffinity,
  NodePorts: createNodePorts,
  NodeResourcesFit: (args, { informers }) =>
    createNodeResourcesFit(args, { deviceClasses: createDeviceClassNames(informers) }),
  VolumeRestrictions: createVolumeRestrictions,
  NodeVolumeLimits: createNodeVolumeLimits,
  VolumeBinding: createVolumeBinding,
  VolumeZone: createVolumeZone,
  PodTopologySpread: createPodTopologySpread,
  InterPodAffinity: createInterPodAffinity,
  DynamicResources: createDynamicResources,
  DefaultPreemption: createDefaultPreemption,
  NodeResourcesBalancedAllocation: createNodeResourcesBalancedAllocation,
  ImageLocality: createImageLocality,
  DefaultBinder: (_args, handle) => createDefaultBinder(handle),
  NodeDeclaredFeatures: createNodeDeclaredFeatures,
};
