// What the requests of a claim come down to: each has one wish, or several alternatives of which the first that can be had counts.

import {
  type DeviceClass,
  type DeviceRequest,
  type DeviceSelector,
  type DeviceTaint,
  type DeviceToleration,
  type ResourceV1ResourceClaim as ResourceClaim,
  toleratesDeviceTaint,
} from "#kubernetes/api";

/** So many devices one allocation can hold. */
export const mostDevices = 32;

export interface Wish {
  /** As the allocation names it: "gpu", or "gpu/large" of an alternative. */
  readonly name: string;
  /** The request's own name. */
  readonly request: string;
  readonly deviceClass: DeviceClass;
  readonly selectors: readonly DeviceSelector[];
  readonly tolerations: readonly DeviceToleration[];
  /** As many as there are, at least one; else exactly `count`. */
  readonly wantsAll: boolean;
  readonly count: number;
  /** How much of each of a device's capacities is asked for. */
  readonly capacity?: Readonly<Record<string, string>>;
  /** Devices may be in use already. */
  readonly adminAccess: boolean | undefined;
}

export type FindClass = (name: string) => DeviceClass | undefined;

/** The alternatives of each request, in order. Throws an Error where a class is missing. */
export function wishesOf({ spec }: ResourceClaim, findClass: FindClass): Wish[][] {
  return (spec.devices?.requests ?? []).map((request) => alternativesOf(request, findClass));
}

function alternativesOf({ name, exactly, firstAvailable = [] }: DeviceRequest, findClass: FindClass): Wish[] {
  const make = (wishName: string, asked: NonNullable<DeviceRequest["exactly"]>): Wish => {
    const { deviceClassName, selectors = [], tolerations = [], allocationMode, count = 1, adminAccess } = asked;
    const capacity = asked.capacity?.requests;
    const deviceClass = findClass(deviceClassName);
    if (!deviceClass) throw new Error(`request ${wishName}: device class ${deviceClassName} does not exist`);
    const wantsAll = allocationMode === "All";
    const wish = { name: wishName, request: name, deviceClass, selectors, tolerations, wantsAll, count, adminAccess };
    return capacity ? { ...wish, capacity } : wish;
  };
  if (exactly) return [make(name, exactly)];
  return firstAvailable.map((alternative) => make(`${name}/${alternative.name}`, alternative));
}

/** Whether constraints and settings for these requests are meant for the wish; none means all. */
export function concernsWish(requests: readonly string[] | undefined, { name, request }: Wish): boolean {
  return !requests?.length || requests.includes(name) || requests.includes(request);
}

/** Whether a taint that keeps others away does not matter. */
export function toleratesTaints(
  tolerations: readonly DeviceToleration[],
  taints: readonly DeviceTaint[] = [],
): boolean {
  return taints.every(
    (taint) =>
      (taint.effect !== "NoSchedule" && taint.effect !== "NoExecute") ||
      tolerations.some((toleration) => toleratesDeviceTaint(toleration, taint)),
  );
}
