// The status of a claim: which devices it has, for whom, and what their drivers say of them.

import {
  child,
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
  tooLong,
  tooMany,
} from "../../field-error.ts";
import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaimConsumerReference,
  ResourceClaimStatus,
} from "../../generated/types.ts";
import { validateInterfaceAddress } from "../../ip-validation.ts";
import { validateNodeSelector } from "../core/scheduling/node-selector.ts";
import { validateConditions } from "../metadata/conditions.ts";
import { immutableError } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateItems, validateSet } from "./collections.ts";
import { validateDriverName, validateLabelText, validatePoolName, validateShareID } from "./names.ts";
import { type RequestNames, requestNamesOf, validateRequestReference } from "./request-names.ts";
import type { DecodedClaim } from "./resource-claim.ts";
import { validateBindingConditions } from "./validate-binding-conditions.ts";
import { validateConfiguration, validateFreeForm } from "./validate-configuration.ts";
import { mostConfigurations, validateRequestReferences } from "./validate-device-claim.ts";

const mostReservations = 256;
const mostResults = 32;
const mostConditions = 8;
const longestData = 10 * 1024;
const longestInterfaceName = 256;
const longestHardwareAddress = 128;
const mostAddresses = 16;

export function validateClaimStatusUpdate({ metadata, spec, status }: DecodedClaim, old: DecodedClaim): FieldError[] {
  const errors: FieldError[] = [];
  const { allocation } = status;
  const byUid = { most: mostReservations, keyOf: ({ uid }: ResourceClaimConsumerReference) => uid };
  validateSet(status.reservedFor, byUid, "status.reservedFor", errors, validateConsumer);
  const allocated = new Set((allocation?.devices?.results ?? []).map((result) => JSON.stringify(deviceKey(result))));
  const byDevice = { most: Number.POSITIVE_INFINITY, keyOf: deviceKey };
  validateSet(status.devices, byDevice, "status.devices", errors, (device, path) =>
    validateDeviceStatus(device, path, errors, allocated),
  );
  validateReservations(status, old.status, metadata.deletionTimestamp !== undefined, errors);
  if (allocation && old.status.allocation) {
    if (!deepEqual(allocation, old.status.allocation)) {
      errors.push(invalid("status.allocation", internalForm("AllocationResult", allocation), immutableError));
    }
  } else if (allocation)
    validateAllocation(allocation, "status.allocation", errors, requestNamesOf(spec.devices ?? {}));
  return errors;
}

type AllocatedDevice = Pick<AllocatedDeviceStatus, "driver" | "pool" | "device" | "shareID">;

/** A device, or a share of one. */
export function deviceKey({ driver, pool, device, shareID }: AllocatedDevice) {
  return { Driver: driver, Pool: pool, Device: device, ShareID: shareID ?? "" };
}

function validateConsumer(reference: ResourceClaimConsumerReference, path: string, errors: FieldError[]): void {
  for (const field of ["resource", "name", "uid"] as const) {
    if (!reference[field]) errors.push(required(child(path, field)));
  }
}

function validateReservations(
  { reservedFor = [], allocation }: ResourceClaimStatus,
  old: ResourceClaimStatus,
  isDeleted: boolean,
  errors: FieldError[],
): void {
  const path = "status.reservedFor";
  if (reservedFor.length === 0) return;
  if (!allocation) errors.push(forbiddenField(path, "may not be specified when `allocated` is not set"));
  else if (isDeleted && reservedFor.some((each) => !old.reservedFor?.some((before) => deepEqual(each, before)))) {
    const why = "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set";
    errors.push(forbiddenField(path, why));
  }
}

function validateAllocation(
  { devices = {}, nodeSelector }: AllocationResult,
  path: string,
  errors: FieldError[],
  names: RequestNames,
): void {
  const devicesPath = child(path, "devices");
  validateItems(devices.results, mostResults, child(devicesPath, "results"), errors, (result, at) =>
    validateResult(result, at, errors, names),
  );
  validateItems(devices.config, 2 * mostConfigurations, child(devicesPath, "config"), errors, (configuration, at) => {
    validateSource(configuration.source, child(at, "source"), errors);
    validateRequestReferences(configuration.requests, child(at, "requests"), errors, names);
    validateConfiguration(configuration, at, errors, false);
  });
  if (nodeSelector) {
    validateNodeSelector(nodeSelector, child(path, "nodeSelector"), errors, { allowInvalidValues: false });
  }
}

function validateResult(
  result: DeviceRequestAllocationResult,
  path: string,
  errors: FieldError[],
  names: RequestNames,
): void {
  validateRequestReference(result.request, child(path, "request"), errors, names);
  validateDevice(result, path, errors);
  validateBindingConditions(result, path, errors);
  validateShareID(result.shareID, child(path, "shareID"), errors);
}

function validateDevice({ driver, pool, device }: AllocatedDevice, path: string, errors: FieldError[]): void {
  validateDriverName(driver, child(path, "driver"), errors);
  validatePoolName(pool, child(path, "pool"), errors);
  validateLabelText(device, child(path, "device"), errors);
}

function validateSource(source: string, path: string, errors: FieldError[]): void {
  const sources = ["FromClaim", "FromClass"];
  if (!source) errors.push(required(path));
  else if (!sources.includes(source)) errors.push(notSupported(path, source, sources));
}

function validateDeviceStatus(
  status: AllocatedDeviceStatus,
  path: string,
  errors: FieldError[],
  allocated: ReadonlySet<string>,
): void {
  const { data, networkData } = status;
  const conditions = status.conditions ?? [];
  validateDevice(status, path, errors);
  validateShareID(status.shareID, child(path, "shareID"), errors);
  const key = deviceKey(status);
  if (!allocated.has(JSON.stringify(key))) errors.push(invalid(path, key, "must be an allocated device in the claim"));
  const conditionsPath = child(path, "conditions");
  if (conditions.length > mostConditions) errors.push(tooMany(conditionsPath, conditions.length, mostConditions));
  validateConditions(conditions, conditionsPath, errors);
  if (data !== undefined) validateFreeForm(data, child(path, "data"), errors, longestData);
  if (networkData) validateNetworkData(networkData, child(path, "networkData"), errors);
}

function validateNetworkData(data: NetworkDeviceData, path: string, errors: FieldError[]): void {
  const { interfaceName = "", hardwareAddress = "", ips } = data;
  if (Buffer.byteLength(interfaceName) > longestInterfaceName) {
    errors.push(tooLong(child(path, "interfaceName"), longestInterfaceName));
  }
  if (Buffer.byteLength(hardwareAddress) > longestHardwareAddress) {
    errors.push(tooLong(child(path, "hardwareAddress"), longestHardwareAddress));
  }
  const byText = { most: mostAddresses, keyOf: (address: string) => address };
  validateSet(ips, byText, child(path, "ips"), errors, (address, at) => {
    errors.push(...validateInterfaceAddress(at, address));
  });
}
