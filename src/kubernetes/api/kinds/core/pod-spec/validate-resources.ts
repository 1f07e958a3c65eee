// Requests and limits of a container, of a pod as a whole, and of what a pod costs besides (overhead).

import {
  child,
  duplicate,
  entry,
  type FieldError,
  forbiddenField,
  invalid,
  item,
  notFoundField,
  required,
} from "../../../field-error.ts";
import type { ResourceClaim, ResourceRequirements } from "../../../generated/types.ts";
import { checkDNS1123Label } from "../../../names.ts";
import { parseQuantity, QuantityError } from "../../../quantity/parse.ts";
import { scaledValue } from "../../../quantity/quantity.ts";
import { reportInvalid } from "../../report.ts";
import {
  compareAmounts,
  formatAmount,
  hasFraction,
  type ResourceList,
  validateAmount,
} from "../resources/quantities.ts";
import { hugePagesPrefix, isHugePages, isOvercommitAllowed } from "../resources/resource-names.ts";
import type { ResourceNameCheck } from "../resources/validate-resource-name.ts";

export interface ResourceRules {
  readonly validateName: ResourceNameCheck;
  /** The names of spec.resourceClaims. */
  readonly claimNames: ReadonlySet<string>;
  /** Huge pages need not come in whole pages: those of the old object did not. */
  readonly allowPartialHugePages: boolean;
}

export function validateResources(
  { limits, requests, claims }: ResourceRequirements,
  path: string,
  errors: FieldError[],
  rules: ResourceRules,
): void {
  const limitsPath = child(path, "limits");
  const requestsPath = child(path, "requests");
  for (const name in limits) validateEntry(name, limits[name] as string, entry(limitsPath, name), errors, rules);
  for (const name in requests) {
    const amount = requests[name] as string;
    const field = entry(requestsPath, name);
    rules.validateName(name, field, errors);
    validateAmount(name, amount, field, errors);
    validateAgainstLimit(name, amount, limits, { limitsPath, requestsPath, errors });
    validateHugePages(name, amount, field, errors, rules);
  }
  validateHugePagesCompany({ ...limits, ...requests }, path, errors);
  if (claims) validateClaims(claims, child(path, "claims"), errors, rules.claimNames);
}

function validateEntry(name: string, amount: string, field: string, errors: FieldError[], rules: ResourceRules): void {
  rules.validateName(name, field, errors);
  validateAmount(name, amount, field, errors);
  validateHugePages(name, amount, field, errors, rules);
}

function validateAgainstLimit(
  name: string,
  amount: string,
  limits: ResourceList | undefined,
  { limitsPath, requestsPath, errors }: { limitsPath: string; requestsPath: string; errors: FieldError[] },
): void {
  const limit = limits?.[name];
  if (limit === undefined) {
    if (isOvercommitAllowed(name)) return;
    errors.push(required(limitsPath, "Limit must be set for non overcommitable resources"));
    return;
  }
  const order = compareAmounts(amount, limit);
  if (order === 0) return;
  const shown = `${name} limit of ${formatAmount(limit)}`;
  if (!isOvercommitAllowed(name)) {
    errors.push(invalid(requestsPath, formatAmount(amount), `must be equal to ${shown}`));
  } else if (order > 0) {
    errors.push(invalid(requestsPath, formatAmount(amount), `must be less than or equal to ${shown}`));
  }
}

function validateHugePages(
  name: string,
  amount: string,
  field: string,
  errors: FieldError[],
  { allowPartialHugePages }: ResourceRules,
): void {
  if (!isHugePages(name) || allowPartialHugePages || isWholePages(name, amount)) return;
  const shown = formatAmount(amount);
  errors.push(invalid(field, shown, `${shown} is not positive integer multiple of ${name}`));
}

/** The name tells the size of a page: "hugepages-2Mi". */
export function isWholePages(name: string, amount: string): boolean {
  const size = name.slice(hugePagesPrefix.length);
  try {
    const pageSize = scaledValue(parseQuantity(size), 0);
    if (pageSize <= 0n || hasFraction(size)) return false;
    return scaledValue(parseQuantity(amount), 0) % pageSize === 0n;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

function validateHugePagesCompany(amounts: ResourceList, path: string, errors: FieldError[]): void {
  if ("cpu" in amounts || "memory" in amounts || !Object.keys(amounts).some(isHugePages)) return;
  errors.push(forbiddenField(path, "HugePages require cpu or memory"));
}

/** A claim may be named once, or several times with different requests of it. */
function validateClaims(
  claims: readonly ResourceClaim[],
  path: string,
  errors: FieldError[],
  claimNames: ReadonlySet<string>,
): void {
  const known = new Set<string>();
  for (const [index, { name, request }] of claims.entries()) {
    const claimPath = item(path, index);
    if (!name) {
      errors.push(required(claimPath));
      continue;
    }
    validateClaimUse(name, request ?? "", claimPath, errors, known);
    if (!claimNames.has(name)) errors.push(describeUnknownClaim(name, claimPath, claimNames));
  }
}

function validateClaimUse(name: string, request: string, path: string, errors: FieldError[], known: Set<string>): void {
  if (known.has(name)) {
    errors.push(duplicate(path, name));
    return;
  }
  if (request !== "") reportInvalid(errors, child(path, "request"), request, checkDNS1123Label(request));
  const use = request === "" ? name : `${name}/${request}`;
  if (known.has(use)) errors.push(duplicate(path, use));
  else if (request === "") {
    for (const other of known) if (other.startsWith(`${name}/`)) errors.push(duplicate(path, name));
  }
  known.add(use);
}

function describeUnknownClaim(name: string, path: string, claimNames: ReadonlySet<string>): FieldError {
  const error = notFoundField(path, name);
  const choices = claimNames.size === 0 ? " which is empty" : `: ${[...claimNames].sort().join(", ")}`;
  return { ...error, body: `${error.body}: must be one of the names in pod.spec.resourceClaims${choices}` };
}
