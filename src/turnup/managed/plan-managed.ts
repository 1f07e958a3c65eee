// The plan of a cluster whose control plane a cloud runs: everything it makes at one go, the kubeconfig it hands out, add-ons.

import { chooseAddons } from "#addons";
import {
  contextName,
  isInKubeconfig,
  type KubeconfigEntry,
  mergeIntoKubeconfig,
  removeFromKubeconfig,
  renderKubeconfig,
} from "#bootstrap";
import { readFileIfExists, removeIfExists, UserError, writeFileAtomic } from "#shared";
import { createPlan, type Plan } from "../plan.ts";
import { type PlanInput, providerContext } from "../plan-input.ts";
import type { Step, StepState } from "../step.ts";
import { addonTarget, createAddonStep, createAddonsReadySteps, createRetiredAddonStep } from "../steps/addon-steps.ts";
import { kubeconfigStep } from "../steps/host-steps.ts";
import { createNetworkStep, networkStep } from "../steps/provision-steps.ts";

/** All that `up` does, and `down` undoes. `begunSteps` are those of earlier plans, as the journal names them. */
export function planManagedCluster(input: PlanInput, begunSteps: readonly string[] = []): Plan {
  const { config } = input;
  // What every cluster of ours holds, a cloud's has in its own way.
  const addons = chooseAddons(config).filter(({ entry }) => !entry?.always);
  const target = addonTarget(input);
  const title = `Create the control plane and nodes on ${config.infrastructure.provider}`;
  const steps: Step[] = [
    { ...createNetworkStep(input, []), title },
    createManagedKubeconfigStep(input),
    ...addons.map((addon) => createAddonStep(target, addon, [kubeconfigStep])),
  ];
  steps.push(...createAddonsReadySteps(target, addons, [kubeconfigStep]));
  const ids = new Set(steps.map(({ id }) => id));
  const retired = begunSteps
    .filter((id) => !ids.has(id) && id.startsWith("addons/"))
    .map((id) => createRetiredAddonStep(target, id.split("/")[1]!));
  return createPlan(config.name, steps, retired);
}

function createManagedKubeconfigStep(input: PlanInput): Step {
  const { paths, userKubeconfig, config } = input;
  const done: StepState = { state: "done" };
  return {
    id: kubeconfigStep,
    phase: "bootstrap",
    title: "Write the kubeconfig",
    needs: [networkStep],
    async check({ signal }) {
      const entry = await findEntry(input, signal);
      if (!entry) return { state: "missing", reason: "the cluster is not there yet" };
      if ((await readFileIfExists(paths.kubeconfig)) !== renderKubeconfig(entry)) {
        return { state: "missing", reason: "is not there, or names another API" };
      }
      if (!userKubeconfig || (await isInKubeconfig(userKubeconfig, entry))) return done;
      return { state: "missing", reason: `${contextName(config.name)} is not the current context` };
    },
    async apply({ signal }) {
      const entry = await findEntry(input, signal);
      if (!entry) throw new UserError(`the cloud's outputs tell of no API`);
      await writeFileAtomic(paths.kubeconfig, renderKubeconfig(entry), 0o600);
      if (userKubeconfig) await mergeIntoKubeconfig(userKubeconfig, entry, paths.kubeconfigNote);
    },
    async undo() {
      await removeFromKubeconfig(contextName(config.name), paths.kubeconfigNote);
      await removeIfExists(paths.kubeconfig);
    },
  };
}

async function findEntry(input: PlanInput, signal: AbortSignal): Promise<KubeconfigEntry | undefined> {
  const api = await input.provider.findManagedApi?.(providerContext(input, signal));
  return api && { name: contextName(input.config.name), ...api, client: { exec: api.exec } };
}
