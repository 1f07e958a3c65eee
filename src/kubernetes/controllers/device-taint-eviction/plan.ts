// When pods have to give up the devices of a claim because these are tainted. Pure.

import {
  type Device,
  type DeviceRequestAllocationResult,
  type DeviceTaint,
  parseTime,
  type ResourceV1ResourceClaim as ResourceClaim,
  toleratesDeviceTaint,
} from "#kubernetes/api";

/** The device an allocation names; undefined where no slice tells of it. */
export type FindDevice = (result: DeviceRequestAllocationResult) => Device | undefined;

/** Milliseconds since 1970; undefined where nothing evicts the claim's users. */
export function evictionTime({ status }: ResourceClaim, findDevice: FindDevice): number | undefined {
  const times = (status?.allocation?.devices?.results ?? []).flatMap((result) =>
    (findDevice(result)?.taints ?? [])
      .filter(({ effect }) => effect === "NoExecute")
      .map((taint) => timeAddedMs(taint) + bearsMs(result, taint)),
  );
  const first = Math.min(...times);
  return Number.isFinite(first) ? first : undefined;
}

/** How long the request bears the taint: the least of what its tolerations say; Infinity where one sets no bound. */
function bearsMs({ tolerations = [] }: DeviceRequestAllocationResult, taint: DeviceTaint): number {
  const fitting = tolerations.filter(
    (toleration) => toleration.effect === "NoExecute" && toleratesDeviceTaint(toleration, taint),
  );
  if (fitting.length === 0) return 0;
  if (fitting.some(({ tolerationSeconds }) => tolerationSeconds === undefined)) return Number.POSITIVE_INFINITY;
  return Math.min(...fitting.map(({ tolerationSeconds = 0 }) => Math.max(0, tolerationSeconds) * 1000));
}

function timeAddedMs({ timeAdded }: DeviceTaint): number {
  return timeAdded === undefined ? 0 : (parseTime(timeAdded) ?? 0);
}
