// Phase 3: one step per add-on, which works on any cluster there is a kubeconfig for; and a last one that waits until all of them do
// what they are there for. A step's check is a diff by the server, so drift is seen wherever a plan is looked at.

import { existsSync } from "node:fs";
import {
  type AddonDiff,
  type AddonObjects,
  applyAddon,
  type ChosenAddon,
  createPinnedReader,
  diffAddon,
  listInstalledAddons,
  readClusterAddress,
  removeAddon,
  resolveAddon,
  waitForAddon,
  withClusterClient,
} from "#addons";
import type { ArtifactSource } from "#bootstrap";
import { type ClusterConfig, isSimulatedCluster } from "#config";
import { describeError, type Exec } from "#shared";
import type { PlanInput } from "../plan-input.ts";
import type { Step, StepState } from "../step.ts";

/** What add-ons are planned from. */
export interface AddonTarget {
  readonly config: ClusterConfig;
  readonly kubeconfig: string;
  /** One of the kubeconfig's contexts. Default: its current one. */
  readonly context?: string;
  /** addons.lock.json. */
  readonly lockFile: string;
  /** Keeps files of others that were read. */
  readonly cache: string;
  readonly exec: Exec;
  /** Where files of others are taken from. */
  readonly artifacts: ArtifactSource;
  /** Objects with changes that are impossible where they stand are made anew, also where pods start again. */
  readonly replace?: boolean;
}

/** What add-ons of a plan are made from. */
export function addonTarget({ config, paths, exec, artifacts }: PlanInput): AddonTarget {
  return {
    config,
    kubeconfig: paths.kubeconfig,
    lockFile: paths.addonsLock,
    cache: paths.downloads,
    exec,
    artifacts,
  };
}

export function addonStep(name: string): string {
  return `addons/${name}`;
}

export function createAddonStep(target: AddonTarget, addon: ChosenAddon, needs: readonly string[]): Step {
  const { kubeconfig, context, replace } = target;
  const version = addon.config.version ?? addon.entry?.releases?.[0]?.version;
  return {
    id: addonStep(addon.name),
    phase: "addons",
    title: `Install ${addon.name}${version === undefined ? "" : ` ${version}`}`,
    needs,
    async check({ signal, logger }) {
      const isUp = await answers(target, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        logger.debug({ error: describeError(error) }, "cannot ask the API server");
        return false;
      });
      if (!isUp) return { state: "missing", reason: "the API server is not up yet" };
      return describeDiff(await diffChosen(target, addon, signal));
    },
    async apply({ signal, report }) {
      const objects = await resolveChosen(target, addon, signal);
      const options = { signal, report, ...(replace && { replace }) };
      await withClusterClient(kubeconfig, (client) => applyAddon(client, objects, options), context);
    },
  };
}

async function answers({ kubeconfig, context }: AddonTarget, signal: AbortSignal): Promise<boolean> {
  if (!existsSync(kubeconfig)) return false;
  await withClusterClient(kubeconfig, (client) => listInstalledAddons(client, signal), context);
  return true;
}

/** What installing the add-on as it is wanted would change. */
export async function diffChosen(target: AddonTarget, addon: ChosenAddon, signal: AbortSignal): Promise<AddonDiff> {
  const objects = await resolveChosen(target, addon, signal);
  return withClusterClient(target.kubeconfig, (client) => diffAddon(client, objects, signal), target.context);
}

async function resolveChosen(target: AddonTarget, addon: ChosenAddon, signal: AbortSignal): Promise<AddonObjects> {
  const { config, kubeconfig, context, lockFile, cache, exec } = target;
  const reader = createPinnedReader(target.artifacts, { cache, lockFile });
  return resolveAddon(addon, { ...(await readClusterAddress(kubeconfig, context)), config, reader, exec, signal });
}

/** Of a diff what a plan says: nothing to do, or what changes and why. */
function describeDiff(diff: AddonDiff): StepState {
  if (!diff.hasChanges) return { state: "done" };
  const { isApplied, wasInstalled, installed, version } = diff;
  if (!wasInstalled) return { state: "missing", reason: "is not installed" };
  const what = summarizeChanges(diff);
  if (isApplied) return { state: "differs", reason: `has drifted: ${what}`, change: "in place" };
  const from = installed === version || version === undefined ? "" : `${installed ?? "?"} → ${version}: `;
  return { state: "differs", reason: `${from}${what}`, change: "in place" };
}

const fewObjects = 3;

/** "Deployment metrics-server changes (spec.replicas), 2 objects go". */
function summarizeChanges({ objects }: AddonDiff): string {
  const changed = objects.filter(({ action }) => action !== "nothing");
  if (changed.length === 0) return "was left half done";
  if (changed.length > fewObjects) {
    const counts = [...Map.groupBy(changed, ({ action }) => action)];
    return counts.map(([action, found]) => `${found.length} ${verbs[action]}`).join(", ");
  }
  return changed
    .map(({ kind, name, action, fields, conflicts = [], immutable = [] }) => {
      const paths = [...immutable, ...fields.map(({ path }) => path)];
      const detail = paths.length === 0 || paths.length > fewObjects ? "" : ` (${paths.join(", ")})`;
      const others = new Set(conflicts.map(({ manager }) => manager));
      return `${kind} ${name} ${verb[action]}${detail}${others.size > 0 ? `, set by ${[...others].join(", ")}` : ""}`;
    })
    .join(", ");
}

const verb = {
  create: "is created",
  change: "changes",
  replace: "is made anew",
  remove: "goes",
  nothing: "stays",
} as const;
const verbs = {
  create: "created",
  change: "changed",
  replace: "made anew",
  remove: "removed",
  nothing: "kept",
} as const;

/** An add-on of an earlier configuration: only to be undone. */
export function createRetiredAddonStep({ kubeconfig, context }: AddonTarget, name: string): Step {
  return {
    id: addonStep(name),
    phase: "addons",
    title: `Install ${name}`,
    needs: [],
    check: async () => ({ state: "done" }),
    apply: async () => {},
    undo: ({ signal, report }) =>
      withClusterClient(kubeconfig, (client) => removeAddon(client, name, { signal, report }), context),
  };
}

const addonsReadyStep = "verify/addons";
const readyTimeoutMs = 180_000;

/** Whether what add-ons run would ever start. */
function canRunPods({ controlPlane, workers, infrastructure }: ClusterConfig): boolean {
  const nodes = workers.reduce((sum, { count }) => sum + count, 0);
  const hasNodes = nodes > 0 || !isSimulatedCluster({ infrastructure });
  return hasNodes && controlPlane.scheduler && controlPlane.controllers.includes("*");
}

/** Add-ons that run something; others are ready as soon as they are applied. */
function isAwaited({ entry }: ChosenAddon): boolean {
  return entry === undefined || (entry.releases ?? []).length > 0;
}

/** Waits for everything the add-ons run: one step, or none where they run nothing. */
export function createAddonsReadySteps(
  target: AddonTarget,
  addons: readonly ChosenAddon[],
  needs: readonly string[],
): Step[] {
  const awaited = canRunPods(target.config) ? addons.filter(isAwaited) : [];
  if (awaited.length === 0) return [];
  const { kubeconfig, context } = target;
  const step: Step = {
    id: addonsReadyStep,
    phase: "verify",
    title: awaited.length === 1 ? `Wait for ${awaited[0]!.name}` : `Wait for ${awaited.length} add-ons`,
    needs,
    check: async () => ({ state: "missing", reason: "is looked at each time" }),
    async apply({ signal, report }) {
      const options = { signal, report, timeoutMs: readyTimeoutMs };
      for (const addon of awaited) {
        const objects = await resolveChosen(target, addon, signal);
        await withClusterClient(kubeconfig, (client) => waitForAddon(client, objects, options), context);
      }
    },
  };
  return [step];
}
