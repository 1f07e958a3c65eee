// Webhooks that are asked who somebody is, or what they may do: a fault that may pass is waited out, as upstream does.

import type { Clock } from "#shared";
import { WebhookError } from "./webhook-error.ts";

// Upstream's, for both kinds of webhooks.
const attempts = 5;
const firstDelayMs = 500;
const factor = 1.5;
const jitter = 0.2;

/** Asks up to five times while the fault is transient. Throws the last one. */
export async function askAgain<T>(ask: () => Promise<T>, clock: Clock): Promise<T> {
  for (let attempt = 1, delayMs = firstDelayMs; ; attempt++, delayMs *= factor) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === attempts || !(error instanceof WebhookError && error.isTransient)) throw error;
      await clock.sleep(delayMs * (1 + Math.random() * jitter));
    }
  }
}
