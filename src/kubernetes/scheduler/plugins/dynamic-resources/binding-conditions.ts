// Devices that have to be made ready before a pod may be bound: their drivers say in the claim's status whether they are, or that
// they cannot be. Whoever waits too long gives up.

import { keyOf, type ResourceV1ResourceClaim as ResourceClaim } from "#kubernetes/api";
import type { Informer } from "#kubernetes/client";
import type { Clock } from "#shared";

/** As upstream's BindingTimeout, if nothing else is said. */
export const longestBindingMs = 600_000;

export function hasBindingConditions({ status }: ResourceClaim): boolean {
  return (status?.allocation?.devices?.results ?? []).some(({ bindingConditions }) => bindingConditions?.length);
}

/** Whether all devices of the claim are ready. Throws an Error where one cannot be made so. */
export function isReadyForBinding({ metadata, status }: ResourceClaim): boolean {
  if (!status?.allocation) return false;
  return (status.allocation.devices?.results ?? []).every((result) => {
    const { driver, pool, device, shareID, bindingConditions = [], bindingFailureConditions = [] } = result;
    if (bindingConditions.length === 0) return true;
    const told = status.devices?.find(
      (each) => each.driver === driver && each.pool === pool && each.device === device && each.shareID === shareID,
    );
    const isTrue = (type: string) =>
      told?.conditions?.find((condition) => condition.type === type && condition.status === "True");
    for (const type of bindingFailureConditions) {
      const failure = isTrue(type);
      if (!failure) continue;
      const why = `reason=${failure.reason}, message=${JSON.stringify(failure.message)}`;
      throw new Error(`device binding failed: claim=${metadata.name}, ${why}`);
    }
    return bindingConditions.every(isTrue);
  });
}

export interface BindingPatience {
  readonly clock: Pick<Clock, "now" | "after">;
  readonly timeoutMs: number;
}

/** Whether the claim got its devices so long ago that they should be ready. */
export function isBindingOverdue(claim: ResourceClaim, { clock, timeoutMs }: BindingPatience): boolean {
  const { allocationTimestamp } = claim.status?.allocation ?? {};
  if (allocationTimestamp === undefined || !hasBindingConditions(claim)) return false;
  return Date.parse(allocationTimestamp) + timeoutMs < clock.now();
}

/** Whether other devices had better be tried. */
export function isBindingHopeless(claim: ResourceClaim, patience: BindingPatience): boolean {
  try {
    return !isReadyForBinding(claim) && isBindingOverdue(claim, patience);
  } catch {
    return true;
  }
}

/** Resolves when the devices of all the claims are ready; rejects where one cannot be, and after the timeout. */
export function waitForBinding(
  claims: readonly ResourceClaim[],
  informer: Informer<ResourceClaim>,
  { clock, timeoutMs, signal }: BindingPatience & { readonly signal: AbortSignal },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = (): void => {
    try {
      const present = claims.map((claim) => informer.get(keyOf(claim)) ?? claim);
      if (present.every(isReadyForBinding)) resolve();
      const late = present.find((claim) => isBindingOverdue(claim, { clock, timeoutMs }));
      if (late) reject(new Error(`device binding timeout: claim=${late.metadata.name}`));
    } catch (error) {
      reject(error);
    }
  };
  const stop = () => reject(signal.reason);
  const detach = informer.addHandler({ added: look, updated: look });
  const cancel = clock.after(timeoutMs, () => reject(new Error("device binding timeout: context deadline exceeded")));
  signal.addEventListener("abort", stop, { once: true });
  look();
  return promise.finally(() => {
    detach();
    cancel();
    signal.removeEventListener("abort", stop);
  });
}
