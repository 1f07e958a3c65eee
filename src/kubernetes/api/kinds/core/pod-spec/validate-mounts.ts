// Where containers mount volumes, as folders or as block devices.

import {
  child,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notFoundField,
  notSupported,
  required,
} from "../../../field-error.ts";
import type { VolumeMount } from "../../../generated/types.ts";
import { hasBacksteps, validateDescendingPath } from "../volumes/paths.ts";
import type { AnyContainer, PodCheck } from "./pod-check.ts";

const propagations = ["Bidirectional", "HostToContainer", "None"];
const recursiveModes = ["Disabled", "Enabled", "IfPossible"];

/** `path` is the list's, which upstream also names as the place of what is wrong inside a mount's options. */
export function validateMounts(container: AnyContainer, path: string, { errors, volumes }: PodCheck): void {
  const devices = container.volumeDevices ?? [];
  const devicePaths = pathsByName(devices.map((device) => [device.name, device.devicePath]));
  const taken = new Set<string>();
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const mountPath = item(path, index);
    const { name, mountPath: target } = mount;
    if (!name) errors.push(required(child(mountPath, "name")));
    if (!volumes.has(name)) errors.push(notFoundField(child(mountPath, "name"), name));
    if (!target) errors.push(required(child(mountPath, "mountPath")));
    if (taken.has(target)) errors.push(invalid(child(mountPath, "mountPath"), target, "must be unique"));
    taken.add(target);
    if (devices.some((device) => device.name === name)) {
      errors.push(invalid(child(mountPath, "name"), name, "must not already exist in volumeDevices"));
    }
    if (devicePaths.has(target)) {
      const why = "must not already exist as a path in volumeDevices";
      errors.push(invalid(child(mountPath, "mountPath"), target, why));
    }
    validateSubPaths(mount, { path, mountPath, errors });
    validatePropagation(mount, container, child(path, "mountPropagation"), errors);
    validateRecursiveReadOnly(mount, child(path, "recursiveReadOnly"), errors);
  }
}

/** Upstream looks at one path of each volume, the last. */
function pathsByName(places: readonly (readonly [name: string, path: string])[]): ReadonlySet<string> {
  return new Set(new Map(places).values());
}

function validateSubPaths(
  { subPath = "", subPathExpr = "" }: VolumeMount,
  { path, mountPath, errors }: { path: string; mountPath: string; errors: FieldError[] },
): void {
  if (subPath !== "") validateDescendingPath(subPath, child(path, "subPath"), errors);
  if (subPathExpr === "") return;
  if (subPath !== "") {
    const why = "subPathExpr and subPath are mutually exclusive";
    errors.push(invalid(child(mountPath, "subPathExpr"), subPathExpr, why));
  }
  validateDescendingPath(subPathExpr, child(path, "subPathExpr"), errors);
}

function validatePropagation(
  { mountPropagation }: VolumeMount,
  { securityContext }: AnyContainer,
  path: string,
  errors: FieldError[],
): void {
  if (mountPropagation === undefined) return;
  if (!propagations.includes(mountPropagation)) errors.push(notSupported(path, mountPropagation, propagations));
  if (mountPropagation === "Bidirectional" && !securityContext?.privileged) {
    errors.push(forbiddenField(path, "Bidirectional mount propagation is available only to privileged containers"));
  }
}

function validateRecursiveReadOnly(mount: VolumeMount, path: string, errors: FieldError[]): void {
  const { recursiveReadOnly, readOnly, mountPropagation } = mount;
  if (recursiveReadOnly === undefined || recursiveReadOnly === "Disabled") return;
  if (!recursiveModes.includes(recursiveReadOnly)) {
    errors.push(notSupported(path, recursiveReadOnly, recursiveModes));
    return;
  }
  if (!readOnly) errors.push(forbiddenField(path, "may only be specified when readOnly is true"));
  if (mountPropagation !== undefined && mountPropagation !== "None") {
    errors.push(forbiddenField(path, "may only be specified when mountPropagation is None or not specified"));
  }
}

export function validateDevices(container: AnyContainer, path: string, { errors, volumes }: PodCheck): void {
  const mounts = container.volumeMounts ?? [];
  const mountPaths = pathsByName(mounts.map((mount) => [mount.name, mount.mountPath]));
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const [index, { name, devicePath }] of (container.volumeDevices ?? []).entries()) {
    const namePath = child(item(path, index), "name");
    const pathPath = child(item(path, index), "devicePath");
    const volume = volumes.get(name);
    if (!name) errors.push(required(namePath));
    if (names.has(name)) errors.push(invalid(namePath, name, "must be unique"));
    if (!volume) errors.push(notFoundField(namePath, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral) {
      const why = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode";
      errors.push(invalid(namePath, name, why));
    }
    if (!devicePath) errors.push(required(pathPath));
    if (paths.has(devicePath)) errors.push(invalid(pathPath, devicePath, "must be unique"));
    if (hasBacksteps(devicePath)) errors.push(invalid(pathPath, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) {
      errors.push(invalid(namePath, name, "must not already exist in volumeMounts"));
    }
    if (mountPaths.has(devicePath)) {
      errors.push(invalid(pathPath, devicePath, "must not already exist as a path in volumeMounts"));
    }
    if (name) names.add(name);
  }
}
