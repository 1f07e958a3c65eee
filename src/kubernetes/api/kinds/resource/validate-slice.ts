// What is wrong with a ResourceSlice: its pool, its place, its devices and the counters they share.

import { child, type FieldError, invalid, required } from "../../field-error.ts";
import type { ResourceSliceSpec } from "../../generated/types.ts";
import { checkDNSSubdomainName } from "../../names.ts";
import { validateNodeSelector } from "../core/scheduling/node-selector.ts";
import { immutableError, reportInvalid } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { setFields, validateSet } from "./collections.ts";
import { isList } from "./list-attributes.ts";
import { validateDriverName, validatePoolName } from "./names.ts";
import { validateCounters } from "./validate-counters.ts";
import { validateDevice } from "./validate-device.ts";

const mostDevices = 128;
const mostAdvancedDevices = 64;
const mostCounterSets = 8;

export function validateSliceSpec(
  spec: ResourceSliceSpec,
  old: ResourceSliceSpec | undefined,
  errors: FieldError[],
): void {
  validateDriverName(spec.driver, "spec.driver", errors);
  validatePool(spec, errors);
  if (old) validateUnchanged(spec, old, errors);
  validatePlace(spec, errors);
  if (spec.sharedCounters && spec.devices) {
    errors.push(invalid("spec", "", "only one of `sharedCounters` or `devices` is allowed"));
  }
  const byName = { keyOf: ({ name }: { readonly name: string }) => name };
  const most = isAdvanced(spec) ? mostAdvancedDevices : mostDevices;
  validateSet(spec.devices, { ...byName, most }, "spec.devices", errors, (device, path) => {
    const before = old?.devices?.find(({ name }) => name === device.name);
    validateDevice(device, before, path, errors, spec.perDeviceNodeSelection === true);
  });
  validateSet(spec.sharedCounters, { ...byName, most: mostCounterSets }, "spec.sharedCounters", errors, (set, path) => {
    validateCounters(set, "name", path, errors);
  });
}

function validatePool({ pool }: ResourceSliceSpec, errors: FieldError[]): void {
  validatePoolName(pool.name, "spec.pool.name", errors);
  const { resourceSliceCount = 0, generation = 0 } = pool;
  if (resourceSliceCount <= 0) {
    errors.push(invalid("spec.pool.resourceSliceCount", resourceSliceCount, "must be greater than zero"));
  }
  if (generation < 0) {
    errors.push(invalid("spec.pool.generation", generation, "must be greater than or equal to zero"));
  }
}

function validateUnchanged(spec: ResourceSliceSpec, old: ResourceSliceSpec, errors: FieldError[]): void {
  const fixed = [
    ["spec.pool.name", spec.pool.name, old.pool.name],
    ["spec.driver", spec.driver, old.driver],
    ["spec.nodeName", spec.nodeName, old.nodeName],
  ] as const;
  for (const [path, value, before] of fixed) {
    if (value !== before) errors.push(invalid(path, value ?? null, immutableError));
  }
}

const places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"] as const;
const placeRule = `exactly one of ${places.map((name) => `\`${name}\``).join(", ")} is required`;

function validatePlace(spec: ResourceSliceSpec, errors: FieldError[]): void {
  const { nodeName, nodeSelector } = spec;
  if (nodeName === "") {
    errors.push(invalid("spec.nodeName", "", "must be either unset or set to a non-empty string"));
  } else if (nodeName !== undefined) {
    reportInvalid(errors, "spec.nodeName", nodeName, checkDNSSubdomainName(nodeName, false));
  }
  if (nodeSelector) {
    validateNodeSelector(nodeSelector, "spec.nodeSelector", errors, { allowInvalidValues: false });
    const { nodeSelectorTerms: terms } = nodeSelector;
    if (terms?.length !== 1) {
      const shown = internalForm("[]NodeSelectorTerm", terms);
      errors.push(invalid("spec.nodeSelector.nodeSelectorTerms", shown, "must have exactly one node selector term"));
    }
  }
  for (const field of ["allNodes", "perDeviceNodeSelection"] as const) {
    if (spec[field] === false) errors.push(invalid(child("spec", field), false, "must be either unset or set to true"));
  }
  const meant = { nodeName: nodeName || undefined, nodeSelector };
  const chosen = setFields(
    {
      ...meant,
      allNodes: spec.allNodes || undefined,
      perDeviceNodeSelection: spec.perDeviceNodeSelection || undefined,
    },
    places,
  );
  if (chosen.length === 0) errors.push(required("spec", placeRule));
  else if (chosen.length > 1) {
    errors.push(invalid("spec", `{${chosen.join(", ")}}`, `${placeRule}, but multiple fields are set`));
  }
}

/** Devices of the richer sort take more room: a slice holds fewer. */
function isAdvanced({ devices = [] }: ResourceSliceSpec): boolean {
  return devices.some(
    ({ taints, consumesCounters, attributes }) =>
      taints?.length || consumesCounters?.length || Object.values(attributes ?? {}).some(isList),
  );
}
