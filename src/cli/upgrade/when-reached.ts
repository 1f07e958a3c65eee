// Requests to an API server that is started anew meanwhile: an upgrade of a control plane is no reason to give the upgrade up.

import { isStatusError } from "#kubernetes/api";
import { type Clock, systemClock } from "#shared";

const retryMs = 500;
const patienceMs = 120_000;
const passing = new Set(["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "EPIPE", "ETIMEDOUT"]);

/** Calls the action again, for up to two minutes, while nobody answers; throws what it threw last. */
export async function whenReached<T>(
  action: () => Promise<T>,
  { signal, clock = systemClock }: { readonly signal: AbortSignal; readonly clock?: Clock },
): Promise<T> {
  const deadline = clock.now() + patienceMs;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (signal.aborted || clock.now() > deadline || !isPassing(error)) throw error;
    }
    await clock.sleep(retryMs, signal);
  }
}

/** The codes of an error's causes count, too. */
function isPassing(error: unknown): boolean {
  if (isStatusError(error)) return error.code === 503;
  const { code, cause } = (error ?? {}) as NodeJS.ErrnoException;
  return (code !== undefined && passing.has(code)) || (cause !== undefined && isPassing(cause));
}
