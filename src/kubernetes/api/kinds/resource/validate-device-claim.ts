// What a claim asks for: requests for devices, constraints between them, configuration for them.

import { child, type FieldError, invalid, item, notSupported, required } from "../../field-error.ts";
import type {
  DeviceClaim,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
} from "../../generated/types.ts";
import { checkDNS1123Subdomain } from "../../names.ts";
import type { ExpressionErrors } from "../check-context.ts";
import { reportInvalid } from "../report.ts";
import { validateItems, validateSet } from "./collections.ts";
import { validateFullyQualifiedName, validateLabelText } from "./names.ts";
import { type RequestNames, requestNamesOf, validateRequestReference } from "./request-names.ts";
import { validateConfiguration } from "./validate-configuration.ts";
import { validateSelectors } from "./validate-selectors.ts";
import { validateDeviceToleration } from "./validate-taints.ts";

export const mostRequests = 32;
const mostConstraints = 32;
export const mostConfigurations = 32;
const mostSubRequests = 8;

export function setDeviceClaimDefaults({ requests }: DeviceClaim): void {
  for (const { exactly, firstAvailable = [] } of requests ?? []) {
    for (const request of exactly ? [exactly, ...firstAvailable] : firstAvailable) {
      request.allocationMode ||= "ExactCount";
      if (request.allocationMode === "ExactCount" && !request.count) request.count = 1;
      setTolerationDefaults(request.tolerations);
    }
  }
}

export function setTolerationDefaults(tolerations: readonly DeviceToleration[] | undefined): void {
  for (const toleration of tolerations ?? []) toleration.operator ||= "Equal";
}

export function validateDeviceClaim(
  claim: DeviceClaim,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  const names = requestNamesOf(claim);
  const byName = { most: mostRequests, keyOf: ({ name }: { readonly name: string }) => name };
  validateSet(claim.requests, byName, child(path, "requests"), errors, (request, at) =>
    validateRequest(request, at, errors, expressionErrors),
  );
  validateItems(claim.constraints, mostConstraints, child(path, "constraints"), errors, (constraint, at) =>
    validateConstraint(constraint, at, errors, names),
  );
  validateItems(claim.config, mostConfigurations, child(path, "config"), errors, (configuration, at) => {
    validateRequestReferences(configuration.requests, child(at, "requests"), errors, names);
    validateConfiguration(configuration, at, errors, false);
  });
}

export function validateRequestReferences(
  requests: readonly string[] | undefined,
  path: string,
  errors: FieldError[],
  names: RequestNames,
): void {
  validateSet(requests, { most: mostRequests, keyOf: (name) => name }, path, errors, (name, at) =>
    validateRequestReference(name, at, errors, names),
  );
}

function validateRequest(
  request: DeviceRequest,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  const { name, exactly, firstAvailable } = request;
  const rule = "exactly one of `exactly` or `firstAvailable` is required";
  validateLabelText(name, child(path, "name"), errors);
  const hasAlternatives = firstAvailable !== undefined && firstAvailable.length > 0;
  if (exactly && hasAlternatives) errors.push(invalid(path, null, `${rule}, but multiple fields are set`));
  else if (exactly) validateExactRequest(exactly, child(path, "exactly"), errors, expressionErrors);
  else if (hasAlternatives) {
    const byName = { most: mostSubRequests, keyOf: (subRequest: DeviceSubRequest) => subRequest.name };
    validateSet(firstAvailable, byName, child(path, "firstAvailable"), errors, (subRequest, at) =>
      validateSubRequest(subRequest, at, errors, expressionErrors),
    );
  } else errors.push(required(path, rule));
}

function validateSubRequest(
  request: DeviceSubRequest,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  validateLabelText(request.name, child(path, "name"), errors);
  validateExactRequest(request, path, errors, expressionErrors);
}

function validateExactRequest(
  request: ExactDeviceRequest,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  const { deviceClassName, selectors, tolerations = [] } = request;
  const classPath = child(path, "deviceClassName");
  if (!deviceClassName) errors.push(required(classPath));
  else reportInvalid(errors, classPath, deviceClassName, checkDNS1123Subdomain(deviceClassName));
  validateSelectors(selectors, child(path, "selectors"), errors, expressionErrors);
  validateAllocationMode(request, path, errors);
  for (const [index, toleration] of tolerations.entries()) {
    validateDeviceToleration(toleration, item(child(path, "tolerations"), index), errors);
  }
}

function validateAllocationMode(
  { allocationMode: mode = "", count = 0 }: ExactDeviceRequest,
  path: string,
  errors: FieldError[],
): void {
  const countPath = child(path, "count");
  if (mode === "All") {
    const why = `must not be specified when allocationMode is '${mode}'`;
    if (count !== 0) errors.push(invalid(countPath, count, why));
  } else if (mode === "ExactCount") {
    if (count <= 0) errors.push(invalid(countPath, count, "must be greater than zero"));
  } else errors.push(notSupported(child(path, "allocationMode"), mode, ["All", "ExactCount"]));
}

function validateConstraint(
  { requests, matchAttribute, distinctAttribute }: DeviceConstraint,
  path: string,
  errors: FieldError[],
  names: RequestNames,
): void {
  validateRequestReferences(requests, child(path, "requests"), errors, names);
  if (matchAttribute !== undefined) {
    validateFullyQualifiedName(matchAttribute, child(path, "matchAttribute"), errors);
  } else if (distinctAttribute !== undefined) {
    validateFullyQualifiedName(distinctAttribute, child(path, "distinctAttribute"), errors);
  } else {
    // The words are upstream's: none is set.
    const why = 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set';
    errors.push(required(path, why));
  }
}
