// ResourceSlice: devices that a driver offers, on one node or several.

import { type FieldError, quote } from "../../field-error.ts";
import type { ResourceSlice, ResourceSliceSpec } from "../../generated/types.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { formatAge } from "../table/human-duration.ts";
import { isList, listFields } from "./list-attributes.ts";
import { validateSliceSpec } from "./validate-slice.ts";

type DecodedSlice = Decoded<ResourceSlice, "spec">;

export const resourceSlice = defineKind<DecodedSlice>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceSlice",
  setDefaults: ({ spec }) => setDefaults(spec, Date.now()),
  prepareForCreate: ({ spec }) => dropDisabled(spec, undefined),
  prepareForUpdate: ({ spec }, old) => dropDisabled(spec, old.spec),
  validate: ({ spec }) => validateSpec(spec, undefined),
  validateUpdate: ({ spec }, old) => validateSpec(spec, old.spec),
  warnings: ({ spec: { driver } }) =>
    driver === driver.toLowerCase()
      ? []
      : [`spec.driver: driver names should be lowercase; ${quote(driver)} contains uppercase characters`],
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.driver": ({ spec }) => spec.driver,
  },
  tableCells: ({ metadata, spec }, now) => ({
    cells: [
      metadata.name,
      spec.nodeName ?? "",
      spec.driver,
      spec.pool.name,
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function validateSpec(spec: ResourceSliceSpec, old: ResourceSliceSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  validateSliceSpec(spec, old, errors);
  return errors;
}

function setDefaults({ devices = [] }: ResourceSliceSpec, now: number): void {
  for (const { taints = [], nodeAllocatableResourceMappings = {} } of devices) {
    for (const taint of taints) taint.timeAdded ??= new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
    for (const mapping of Object.values(nodeAllocatableResourceMappings)) mapping.allocationMultiplier ??= "1";
  }
}

/** DRANodeAllocatableResources and DRAListTypeAttributes are off. */
function dropDisabled({ devices = [] }: ResourceSliceSpec, old: ResourceSliceSpec | undefined): void {
  const hadMappings = (old?.devices ?? []).some((device) => device.nodeAllocatableResourceMappings !== undefined);
  const hadLists = (old?.devices ?? []).some((device) => Object.values(device.attributes ?? {}).some(isList));
  for (const device of devices) {
    if (!hadMappings) delete device.nodeAllocatableResourceMappings;
    if (hadLists) continue;
    for (const attribute of Object.values(device.attributes ?? {})) {
      for (const field of listFields) delete attribute[field];
    }
  }
}
