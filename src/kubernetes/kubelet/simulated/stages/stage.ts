// KWOK's Stage objects (kwok.x-k8s.io/v1alpha1): what happens to a resource next, when it looks a certain way.

import type { KubeObject, Resource } from "#kubernetes/api";

export interface StageObject extends KubeObject {
  readonly spec?: StageSpec;
}

export interface StageSpec {
  readonly resourceRef: { readonly apiGroup?: string; readonly kind: string };
  readonly selector?: StageSelector;
  readonly weight?: number;
  readonly weightFrom?: ValueFrom;
  readonly delay?: StageDelay;
  readonly next?: StageNext;
  readonly steps?: readonly StageStep[];
  readonly immediateNextStage?: boolean;
}

export interface StageSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchAnnotations?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly StageExpression[];
}

export interface StageExpression extends JqRequirement {
  readonly jq?: JqRequirement;
  readonly cel?: object;
}

export interface JqRequirement {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

export interface ValueFrom {
  readonly expressionFrom?: string;
  readonly jq?: { readonly expression?: string };
  readonly cel?: object;
}

export interface StageDelay {
  readonly durationMilliseconds?: number;
  readonly durationFrom?: ValueFrom;
  readonly jitterDurationMilliseconds?: number;
  readonly jitterDurationFrom?: ValueFrom;
}

export interface StageNext {
  readonly event?: StageEvent;
  readonly finalizers?: StageFinalizers;
  readonly delete?: boolean;
  readonly patches?: readonly StagePatch[];
  readonly statusTemplate?: string;
  readonly statusSubresource?: string;
}

export interface StageStep {
  readonly event?: StageEvent;
  readonly finalizers?: StageFinalizers;
  readonly delete?: boolean;
  readonly patch?: StagePatch;
  readonly apply?: object;
}

export interface StageEvent {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface StageFinalizers {
  readonly add?: readonly { readonly value?: string }[];
  readonly remove?: readonly { readonly value?: string }[];
  readonly empty?: boolean;
}

export interface StagePatch {
  readonly subresource?: string;
  readonly root?: string;
  readonly template?: string;
  readonly type?: "json" | "merge" | "strategic";
}

export const stageResource: Resource<StageObject> = {
  group: "kwok.x-k8s.io",
  version: "v1alpha1",
  resource: "stages",
  kind: "Stage",
  namespaced: false,
};

/** The steps of a stage, whichever of its two forms it is written in. */
export function stepsOf({ next, steps }: StageSpec): readonly StageStep[] {
  if (steps && steps.length > 0) return steps;
  if (!next) return [];
  const { event, finalizers, delete: isDelete, patches = [], statusTemplate, statusSubresource = "status" } = next;
  return [
    ...(event ? [{ event }] : []),
    ...(finalizers ? [{ finalizers }] : []),
    ...(isDelete ? [{ delete: true }] : []),
    ...patches.map((patch) => ({ patch })),
    ...(statusTemplate
      ? [{ patch: { subresource: statusSubresource, root: "status", template: statusTemplate } }]
      : []),
  ];
}
