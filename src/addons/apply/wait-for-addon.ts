// Waits until everything of an add-on does what it is there for.

import type { Client } from "#kubernetes/client";
import type { AddonObjects } from "./addon-objects.ts";
import { placeObjects } from "./place-objects.ts";
import { canBeAwaited } from "./readiness.ts";
import { waitUntilReady } from "./wait-until.ts";

export interface WaitForAddonOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  report?(detail: string): void;
}

/** Resolves when it is ready. Throws UserError naming what is not, where that takes longer. */
export async function waitForAddon(client: Client, addon: AddonObjects, options: WaitForAddonOptions): Promise<void> {
  if (!addon.objects.some(canBeAwaited)) return;
  const { objects, resourceOf } = await placeObjects(client, addon, options.signal);
  await waitUntilReady(client, objects, {
    ...options,
    resourceOf,
    title: `Add-on ${addon.name} is`,
    hints: [`See what is there: kubectl get pods -A`, `And what was installed: slipway addon diff ${addon.name}`],
  });
}
