// One device of a ResourceSlice: its attributes and capacities, its taints, what it consumes and where it is.

import { child, type FieldError, invalid, item, notFoundField, required, tooLong } from "../../field-error.ts";
import type { Device, DeviceAttribute } from "../../generated/types.ts";
import { checkDNSSubdomainName } from "../../names.ts";
import { parseQuantity } from "../../quantity/parse.ts";
import { signOf } from "../../quantity/quantity.ts";
import { isNativeResource } from "../core/resources/resource-names.ts";
import { validateNodeSelector } from "../core/scheduling/node-selector.ts";
import { reportInvalid } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { setFields, validateItems, validateMap } from "./collections.ts";
import { longestAttributeKey, validateLabelText, validateQualifiedName } from "./names.ts";
import { validateBindingConditions } from "./validate-binding-conditions.ts";
import { validateCapacity } from "./validate-capacity.ts";
import { validateConsumptions } from "./validate-counters.ts";
import { validateDeviceTaint } from "./validate-taints.ts";

const mostAttributesAndCapacities = 32;
const mostAttributeValues = 48;
const mostTaints = 16;
const longestValue = 64;
const unlimited = Number.POSITIVE_INFINITY;

export function validateDevice(
  device: Device,
  old: Device | undefined,
  path: string,
  errors: FieldError[],
  isPlacedAlone: boolean,
): void {
  validateLabelText(device.name, child(path, "name"), errors);
  validateSizes(device, path, errors);
  validateMap(device.attributes, unlimited, child(path, "attributes"), errors, {
    key: validateQualifiedName,
    value: validateAttribute,
    longestKey: longestAttributeKey,
  });
  const isShared = device.allowMultipleAllocations === true;
  validateMap(device.capacity, unlimited, child(path, "capacity"), errors, {
    key: validateQualifiedName,
    value: (capacity, at) => validateCapacity(capacity, at, errors, isShared),
    longestKey: longestAttributeKey,
  });
  if (!old || !deepEqual(old.taints ?? [], device.taints ?? [])) {
    validateItems(device.taints, mostTaints, child(path, "taints"), errors, validateDeviceTaint);
  }
  validateConsumptions(device.consumesCounters, child(path, "consumesCounters"), errors);
  if (isPlacedAlone) validatePlace(device, path, errors);
  else if (device.nodeName !== undefined || device.nodeSelector || device.allNodes !== undefined) {
    const why =
      "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec";
    errors.push(invalid(path, null, why));
  }
  validateBindingConditions(device, path, errors);
  validateMappings(device, child(path, "nodeAllocatableResourceMappings"), errors);
}

function validateSizes({ attributes = {}, capacity = {} }: Device, path: string, errors: FieldError[]): void {
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > mostAttributesAndCapacities) {
    const why = `the total number of attributes and capacities must not exceed ${mostAttributesAndCapacities}`;
    errors.push(invalid(path, count, why));
  }
  const values = Object.values(attributes).reduce((sum, attribute) => sum + Math.max(countListed(attribute), 1), 0);
  if (values > mostAttributeValues) {
    errors.push(invalid(path, values, `the total number of attribute values must not exceed ${mostAttributeValues}`));
  }
}

function countListed({ bools = [], ints = [], strings = [], versions = [] }: DeviceAttribute): number {
  return bools.length + ints.length + strings.length + versions.length;
}

const kindsOfValue = ["bool", "int", "string", "version", "bools", "ints", "strings", "versions"] as const;

function validateAttribute(attribute: DeviceAttribute, path: string, errors: FieldError[]): void {
  validateText(attribute.string, child(path, "string"), errors);
  validateVersion(attribute.version, child(path, "version"), errors);
  for (const field of ["bools", "ints", "strings", "versions"] as const) {
    if (attribute[field]?.length === 0) errors.push(invalid(child(path, field), [], "must not be empty if specified"));
  }
  for (const [index, text] of (attribute.strings ?? []).entries()) {
    validateText(text, item(child(path, "strings"), index), errors);
  }
  for (const [index, version] of (attribute.versions ?? []).entries()) {
    validateVersion(version, item(child(path, "versions"), index), errors);
  }
  const count = kindsOfValue.filter((field) => attribute[field] !== undefined).length;
  if (count !== 1)
    errors.push(
      invalid(
        path,
        count === 0 ? "" : internalForm("DeviceAttribute", attribute),
        "exactly one value must be specified",
      ),
    );
}

function validateText(text: string | undefined, path: string, errors: FieldError[]): void {
  if (text !== undefined && Buffer.byteLength(text) > longestValue) errors.push(tooLong(path, longestValue));
}

const semanticVersion =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$/;

function validateVersion(version: string | undefined, path: string, errors: FieldError[]): void {
  if (version === undefined) return;
  if (!semanticVersion.test(version)) {
    errors.push(invalid(path, version, "must be a string compatible with semver.org spec 2.0.0"));
  }
  validateText(version, path, errors);
}

const placeRule =
  "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec";

function validatePlace({ nodeName, nodeSelector, allNodes }: Device, path: string, errors: FieldError[]): void {
  const namePath = child(path, "nodeName");
  if (nodeName === "") errors.push(invalid(namePath, "", "must not be empty"));
  else if (nodeName !== undefined) reportInvalid(errors, namePath, nodeName, checkDNSSubdomainName(nodeName, false));
  if (nodeSelector) {
    validateNodeSelector(nodeSelector, child(path, "nodeSelector"), errors, { allowInvalidValues: false });
  }
  if (allNodes === false) {
    errors.push(invalid(child(path, "allNodes"), false, "must be either unset or set to true"));
  }
  const chosen = setFields({ nodeName: nodeName || undefined, nodeSelector, allNodes: allNodes || undefined }, [
    "nodeName",
    "nodeSelector",
    "allNodes",
  ]);
  if (chosen.length === 0) errors.push(required(path, placeRule));
  else if (chosen.length > 1) errors.push(invalid(path, `{${chosen.join(", ")}}`, placeRule));
}

function validateMappings(
  { nodeAllocatableResourceMappings = {}, capacity = {} }: Device,
  path: string,
  errors: FieldError[],
): void {
  for (const [name, { allocationMultiplier, capacityKey }] of Object.entries(nodeAllocatableResourceMappings)) {
    const at = `${path}[${name}]`;
    if (!isNativeResource(name)) errors.push(invalid(at, name, "must be a node allocatable resource name"));
    if (allocationMultiplier === undefined && capacityKey === undefined) {
      errors.push(invalid(at, "", "at least one of allocationMultiplier or capacityKey must be set"));
    }
    if (allocationMultiplier !== undefined && signOf(parseQuantity(allocationMultiplier)) <= 0) {
      errors.push(invalid(child(at, "allocationMultiplier"), allocationMultiplier, "must be positive"));
    }
    const keyPath = child(at, "capacityKey");
    if (capacityKey === "") errors.push(invalid(keyPath, "", "capacityKey must not be an empty string"));
    else if (capacityKey !== undefined && !(capacityKey in capacity)) errors.push(notFoundField(keyPath, capacityKey));
  }
}
