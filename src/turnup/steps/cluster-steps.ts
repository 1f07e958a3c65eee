// Phase 3 and the last look: add-ons, and every node Ready.

import {
  type Addon,
  type AddonObjects,
  applyAddon,
  isAddonApplied,
  removeAddon,
  waitForNodes,
  withClusterClient,
} from "#addons";
import { readPort } from "#bootstrap";
import { describeError, UserError } from "#shared";
import { type PlanInput, wantedNodes } from "../plan-input.ts";
import { readRemotePlace } from "../remote/remote-cluster.ts";
import type { Step } from "../step.ts";
import { controlPlaneStep, kubeconfigStep, readPki } from "./host-steps.ts";

export function addonStep(name: string): string {
  return `addons/${name}`;
}

export function createAddonStep(input: PlanInput, addon: Addon): Step {
  const { kubeconfig } = input.paths;
  return {
    id: addonStep(addon.name),
    phase: "addons",
    title: `Install ${addon.name}`,
    needs: [input.remote ? kubeconfigStep : controlPlaneStep],
    async check({ signal, logger }) {
      try {
        const objects = await buildAddon(input, addon, signal);
        const applied = await withClusterClient(kubeconfig, (client) => isAddonApplied(client, objects, signal));
        return applied ? { state: "done" } : { state: "missing", reason: "is not installed, or in another version" };
      } catch (error) {
        signal.throwIfAborted();
        logger.debug({ error: describeError(error) }, "cannot ask the API server");
        return { state: "missing", reason: "the API server is not up yet" };
      }
    },
    async apply({ signal }) {
      const objects = await buildAddon(input, addon, signal);
      await withClusterClient(kubeconfig, (client) => applyAddon(client, objects, signal));
    },
  };
}

/** An add-on of an earlier configuration: only to be undone. */
export function createRetiredAddonStep(input: PlanInput, name: string): Step {
  return {
    id: addonStep(name),
    phase: "addons",
    title: `Install ${name}`,
    needs: [],
    check: async () => ({ state: "done" }),
    apply: async () => {},
    undo: ({ signal }) => withClusterClient(input.paths.kubeconfig, (client) => removeAddon(client, name, signal)),
  };
}

async function buildAddon(input: PlanInput, addon: Addon, signal: AbortSignal): Promise<AddonObjects> {
  const place = input.remote ? await readRemotePlace(input, signal) : await readLocalPlace(input, signal);
  return { name: addon.name, objects: addon.build({ config: input.config, ...place }) };
}

/** Where the API server is reached, and the authority that signs for it. */
async function readLocalPlace(input: PlanInput, signal: AbortSignal): Promise<{ server: string; authority: string }> {
  const { authority } = await readPki(input, signal);
  const server = `https://127.0.0.1:${readPort(input.paths.controlPlaneOptions)}`;
  return { server, authority: authority.certificate };
}

const nodesTimeoutMs = 120_000;

/** Waits for every node; with a network plug-in of one's own nodes stay NotReady until it is there. */
export function createNodesReadyStep(input: PlanInput, needs: readonly string[]): Step {
  const names = wantedNodes(input);
  return {
    id: "verify/nodes",
    phase: "verify",
    title: names.length === 1 ? "Wait for the node to be ready" : `Wait for ${names.length} nodes to be ready`,
    needs,
    check: async () =>
      names.length === 0 || input.config.network.plugin === "none"
        ? { state: "done" }
        : { state: "missing", reason: "is looked at each time" },
    async apply({ signal, report }) {
      const timeout = AbortSignal.timeout(nodesTimeoutMs);
      const missing = { names: names as readonly string[] };
      const onProgress = (now: readonly string[]) => {
        missing.names = now;
        report(now.length > 3 ? `${names.length - now.length} of ${names.length}` : now.join(", "));
      };
      try {
        await withClusterClient(input.paths.kubeconfig, (client) =>
          waitForNodes(client, names, { signal: AbortSignal.any([signal, timeout]), onProgress }),
        );
      } catch (error) {
        if (!timeout.aborted || signal.aborted) throw error;
        throw new UserError(`${missing.names.join(", ")} not ready after ${nodesTimeoutMs / 1000} s`, {
          hints: ["See why: slipway kubectl describe node", "And: slipway logs"],
          cause: error,
        });
      }
    },
  };
}
