// Who may have which devices: administrators' access only in namespaces that are marked for it; what a claim was given is written
// only by those who may bind claims, what a driver says of its devices only by that driver.

import {
  type AllocatedDeviceStatus,
  type AllocationResult,
  type DeviceRequest,
  deepEqual,
  type FieldError,
  forbiddenField,
  type ResourceV1ResourceClaim as ResourceClaim,
  resources,
} from "#kubernetes/api";
import type { AuthorizationAttributes, Authorizer } from "../authorization/authorizer.ts";
import { forbiddenError } from "../authorization/forbidden.ts";
import type { Call } from "../call.ts";
import type { LiveObjects } from "../live-objects.ts";

const adminLabel = "resource.kubernetes.io/admin-access";
const nodeNameKey = "authentication.kubernetes.io/node-name";

export interface ClaimGuards {
  readonly objects: LiveObjects;
  readonly authorizer: Authorizer;
}

/** For claims and templates of claims, when they are made: what is asked for never changes. */
export async function checkAdminRequests(
  { objects }: ClaimGuards,
  namespace: string,
  requests: readonly DeviceRequest[] | undefined,
): Promise<FieldError[]> {
  const index = (requests ?? []).findIndex(({ exactly }) => exactly?.adminAccess);
  return index < 0 ? [] : checkNamespace(objects, namespace, `spec.devices.requests[${index}].adminAccess`);
}

/** For changes of a claim's status. */
export async function checkClaimStatus(
  guards: ClaimGuards,
  call: Call,
  claim: ResourceClaim,
  old: ResourceClaim,
): Promise<FieldError[]> {
  return [
    ...(await checkAdminResults(guards, claim, old)),
    ...(await checkBinding(guards, call, claim, old)),
    ...(await checkDrivers(guards, call, claim, old)),
  ];
}

async function checkNamespace(objects: LiveObjects, namespace: string, field: string): Promise<FieldError[]> {
  const found = await objects.get(resources.namespaces, { name: namespace });
  if (found?.metadata.labels?.[adminLabel] === "true") return [];
  const why = `admin access to devices requires the \`${adminLabel}: true\` label on the containing namespace`;
  return [forbiddenField(field, why)];
}

async function checkAdminResults(
  { objects }: ClaimGuards,
  claim: ResourceClaim,
  old: ResourceClaim,
): Promise<FieldError[]> {
  const grantOf = ({ status }: ResourceClaim) =>
    (status?.allocation?.devices?.results ?? []).findIndex(({ adminAccess }) => adminAccess);
  const index = grantOf(claim);
  if (index < 0 || grantOf(old) >= 0) return [];
  const field = `status.allocation.devices.results[${index}].adminAccess`;
  return checkNamespace(objects, claim.metadata.namespace ?? "", field);
}

async function checkBinding(
  { authorizer }: ClaimGuards,
  call: Call,
  { status }: ResourceClaim,
  { status: before }: ResourceClaim,
): Promise<FieldError[]> {
  const isSame =
    deepEqual(status?.allocation, before?.allocation) &&
    deepEqual(status?.reservedFor ?? [], before?.reservedFor ?? []);
  if (isSame) return [];
  const { verb } = call.info;
  const problem = await problemOf(authorizer, call, { verb, subresource: "binding", namespace: "", name: "" });
  if (problem === undefined) return [];
  const need = `resource="resourceclaims/binding", verb="${verb}" permission`;
  const why = `changing status.allocation or status.reservedFor requires ${need}: ${problem}`;
  return [forbiddenField("status.allocation", why)];
}

/** Drivers may say something of devices on their own node, or, if they are allowed to, on any. */
async function checkDrivers(
  { authorizer }: ClaimGuards,
  call: Call,
  { status }: ResourceClaim,
  { status: before }: ResourceClaim,
): Promise<FieldError[]> {
  if (!status?.allocation) return [];
  const drivers = changedDrivers(status.devices ?? [], before?.devices ?? []);
  const isLocal = isOnNode(call, nodeOf(status.allocation));
  const verbs = [...(isLocal ? ["associated-node:"] : []), "arbitrary-node:"].map((prefix) => prefix + call.info.verb);
  const errors: FieldError[] = [];
  for (const name of drivers) {
    let first: string | undefined;
    let isAllowed = false;
    for (const verb of verbs) {
      const wish = { verb, subresource: "driver", namespace: call.info.namespace, name };
      const problem = await problemOf(authorizer, call, wish);
      isAllowed = problem === undefined;
      if (isAllowed) break;
      first ??= problem;
    }
    if (isAllowed) continue;
    const need = `resource="resourceclaims/driver", verb="[${verbs.join(" ")}]" permission`;
    errors.push(forbiddenField("status.devices", `changing status.devices requires ${need}: ${first}`));
  }
  return errors;
}

type Wish = Pick<AuthorizationAttributes, "verb" | "subresource" | "namespace" | "name">;

async function problemOf(authorizer: Authorizer, call: Call, wish: Wish): Promise<string | undefined> {
  const { apiGroup, apiVersion, resource } = call.info;
  const about = { apiGroup, apiVersion, resource, isResourceRequest: true, path: call.request.path };
  const attributes: AuthorizationAttributes = { user: call.user, ...about, ...wish };
  const { allowed, reason } = await authorizer.authorize(attributes);
  return allowed ? undefined : forbiddenError(attributes, reason).message;
}

/** In order. */
function changedDrivers(now: readonly AllocatedDeviceStatus[], before: readonly AllocatedDeviceStatus[]): string[] {
  const keyOf = ({ driver, pool, device, shareID }: AllocatedDeviceStatus) =>
    JSON.stringify([driver, pool, device, shareID]);
  const left = new Map(before.map((device) => [keyOf(device), device]));
  const changed = new Set<string>();
  for (const device of now) {
    const key = keyOf(device);
    if (!deepEqual(left.get(key), device)) changed.add(device.driver);
    left.delete(key);
  }
  for (const { driver } of left.values()) changed.add(driver);
  return [...changed].sort();
}

/** The one node an allocation can be used on; undefined where there is no such node. */
function nodeOf({ nodeSelector }: AllocationResult): string | undefined {
  const [term, ...others] = nodeSelector?.nodeSelectorTerms ?? [];
  const [field, ...more] = term?.matchFields ?? [];
  if (!field || others.length > 0 || more.length > 0 || term?.matchExpressions?.length) return undefined;
  const isName = field.key === "metadata.name" && field.operator === "In" && field.values?.length === 1;
  return isName ? field.values![0] : undefined;
}

function isOnNode({ user }: Call, node: string | undefined): boolean {
  const names = user.extra?.[nodeNameKey] ?? [];
  return (
    node !== undefined && user.name.startsWith("system:serviceaccount:") && names.length === 1 && names[0] === node
  );
}
