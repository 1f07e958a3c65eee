// How a scheduler is configured: the part of KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) that makes sense in one
// process. A file of that kind, parsed, is one of these.

export const extensionPoints = [
  "preEnqueue",
  "queueSort",
  "preFilter",
  "filter",
  "postFilter",
  "preScore",
  "score",
  "reserve",
  "permit",
  "preBind",
  "bind",
  "postBind",
] as const;

export type ExtensionPoint = (typeof extensionPoints)[number];

export interface PluginReference {
  readonly name: string;
  /** How much its scores count. Default 1. */
  readonly weight?: number;
}

export interface PluginSet {
  /** After the default ones; one that is a default itself keeps its place but takes the weight given here. */
  readonly enabled?: readonly PluginReference[];
  /** Default plug-ins to leave out; "*": all. */
  readonly disabled?: readonly PluginReference[];
}

/** "multiPoint" stands for every extension point a plug-in has; what is said for one point has precedence there. */
export type PluginSets = Readonly<Partial<Record<ExtensionPoint | "multiPoint", PluginSet>>>;

export interface PluginConfig {
  readonly name: string;
  /** NodeAffinityArgs and the like. */
  readonly args: object;
}

export interface SchedulerProfile {
  /** The scheduler name pods ask for. Default "default-scheduler", for the only profile. */
  readonly schedulerName?: string;
  /** In place of the one for all profiles. */
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: PluginSets;
  readonly pluginConfig?: readonly PluginConfig[];
}

export interface SchedulerConfiguration {
  /** Default: one, with the default plug-ins, for "default-scheduler". */
  readonly profiles?: readonly SchedulerProfile[];
  /** Of the nodes a pod fits on, how many are compared, in percent. Default 0: from 50 down to 5, the more nodes there are. */
  readonly percentageOfNodesToScore?: number;
  /** How long a pod that did not fit waits at least; doubles with each attempt. Default 1. */
  readonly podInitialBackoffSeconds?: number;
  /** Default 10. */
  readonly podMaxBackoffSeconds?: number;
}

export const defaultSchedulerName = "default-scheduler";

/** As far as the configuration leaves things open. */
export const configurationDefaults = {
  percentageOfNodesToScore: 0,
  podInitialBackoffSeconds: 1,
  podMaxBackoffSeconds: 10,
} as const;

/** The plug-ins of a profile that says nothing else, in order. */
export const defaultPlugins: PluginSets = {
  multiPoint: {
    enabled: [
      { name: "SchedulingGates" },
      { name: "PrioritySort" },
      { name: "NodeUnschedulable" },
      { name: "NodeName" },
      { name: "TaintToleration", weight: 3 },
      { name: "NodeAffinity", weight: 2 },
      { name: "NodePorts" },
      { name: "NodeResourcesFit", weight: 1 },
      { name: "VolumeRestrictions" },
      { name: "NodeVolumeLimits" },
      { name: "VolumeBinding" },
      { name: "VolumeZone" },
      { name: "PodTopologySpread", weight: 2 },
      { name: "InterPodAffinity", weight: 2 },
      { name: "DynamicResources", weight: 2 },
      { name: "DefaultPreemption" },
      { name: "NodeResourcesBalancedAllocation", weight: 1 },
      { name: "ImageLocality", weight: 1 },
      { name: "DefaultBinder" },
      { name: "NodeDeclaredFeatures" },
    ],
  },
};
