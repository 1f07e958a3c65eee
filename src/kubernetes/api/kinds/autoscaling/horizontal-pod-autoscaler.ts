// HorizontalPodAutoscaler: sets the number of a workload's pods by what metrics say. Its rules are those of v2, the form it is
// stored in; v1 is checked in that form, too.

import type {
  AutoscalingV1HorizontalPodAutoscaler as V1,
  HorizontalPodAutoscaler as V2,
} from "../../generated/types.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { formatAge } from "../table/human-duration.ts";
import { setAutoscalerDefaults } from "./default-autoscaler.ts";
import { formatMetrics } from "./metric-cells.ts";
import { validateAutoscaler, validateAutoscalerStatus } from "./validate-autoscaler.ts";
import { autoscalerToV1, convertToV2 } from "./versions/autoscaler-versions.ts";

export type DecodedAutoscaler = Decoded<V2, "spec" | "status">;
type DecodedV1 = Decoded<V1, "spec" | "status">;

const kind = { group: "autoscaling", kind: "HorizontalPodAutoscaler", hasGeneration: false } as const;

export const autoscaler = defineKind<DecodedAutoscaler>({
  ...kind,
  version: "v2",
  setDefaults: setAutoscalerDefaults,
  prepareForCreate: (object) => {
    object.status = { desiredReplicas: 0, currentMetrics: null as never };
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validate: (object) => validateAutoscaler(object, undefined),
  validateUpdate: validateAutoscaler,
  validateStatusUpdate: validateAutoscalerStatus,
  tableCells: (object, now) => ({ cells: cellsOf(object, now) }),
});

/** Everything v2 knows and v1 does not is in annotations, also the conditions of its status. */
export const autoscalerV1 = defineKind<DecodedV1>({
  ...kind,
  version: "v1",
  setDefaults: (object) => {
    object.spec.minReplicas ??= 1;
    Object.assign(object, autoscalerToV1(convertToV2(object)));
  },
  prepareForCreate: (object) => replaceStatus(object, { desiredReplicas: 0, currentMetrics: [] }),
  prepareForUpdate: (object, old) => replaceStatus(object, convertToV2(old).status),
  prepareForStatusUpdate: (object, old) => {
    const { status, ...rest } = convertToV2(object);
    Object.assign(object, autoscalerToV1({ ...rest, spec: convertToV2(old).spec, status }));
  },
  validate: (object) => validateAutoscaler(convertToV2(object), undefined),
  validateUpdate: (object, old) => validateAutoscaler(convertToV2(object), convertToV2(old)),
  validateStatusUpdate: (object) => validateAutoscalerStatus(convertToV2(object)),
  tableCells: (object, now) => ({ cells: cellsOf(convertToV2(object), now) }),
});

function replaceStatus(object: DecodedV1, status: DecodedAutoscaler["status"]): void {
  Object.assign(object, autoscalerToV1({ ...convertToV2(object), status }));
}

function cellsOf({ metadata, spec, status }: DecodedAutoscaler, now: number): unknown[] {
  return [
    metadata.name,
    `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    formatMetrics(spec.metrics ?? [], status.currentMetrics ?? []),
    spec.minReplicas === undefined ? "<unset>" : String(spec.minReplicas),
    spec.maxReplicas,
    status.currentReplicas ?? 0,
    formatAge(metadata.creationTimestamp, now),
  ];
}
