// The annotations in which autoscaling/v1 carries what it has no fields for. They are never stored.

import type { ObjectMeta } from "../../../generated/types.ts";

const prefix = "autoscaling.alpha.kubernetes.io/";

export const metricsAnnotation = `${prefix}metrics`;
export const statusesAnnotation = `${prefix}current-metrics`;
export const conditionsAnnotation = `${prefix}conditions`;
export const behaviorAnnotation = `${prefix}behavior`;

const all = [
  metricsAnnotation,
  behaviorAnnotation,
  `${prefix}scale-down-tolerance`,
  `${prefix}scale-up-tolerance`,
  statusesAnnotation,
  conditionsAnnotation,
];

/** Replaces the annotations of a metadata of one's own where it has any of these. */
export function dropRoundTripAnnotations(meta: ObjectMeta): void {
  const { annotations } = meta;
  if (!annotations || !all.some((key) => key in annotations)) return;
  const rest = Object.fromEntries(Object.entries(annotations).filter(([key]) => !all.includes(key)));
  if (Object.keys(rest).length > 0) meta.annotations = rest;
  else delete meta.annotations;
}
