// Runs controllers: all in one process, over one client's connections and one set of informers.

import type { Client, InformerSet } from "#kubernetes/client";
import { createEventRecorder, type EventRecorder, type WorkQueueMetrics } from "#kubernetes/runtime";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";
import { controllers } from "./all.ts";
import type { ControllerContext, ControllerDefinition, ControllerProcess } from "./controller-definition.ts";
import { type ControllerMetrics, noControllerMetrics } from "./controller-metrics.ts";
import type { ControllerSettings } from "./controller-settings.ts";
import { type ControllerSelection, selectControllers } from "./select-controllers.ts";

export interface StartControllersOptions {
  readonly client: Client;
  /** Makes the client a controller acts with, by its service account in kube-system. Default: all share `client`. */
  readonly clientFor?: (account: string) => Client;
  /** Started by this; stopped by whoever made it. */
  readonly informers: InformerSet;
  /** Default: all that are on by default. An empty list: none. */
  readonly names?: ControllerSelection;
  readonly settings?: ControllerSettings;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Default: nothing is kept. */
  readonly metrics?: ControllerMetrics;
  readonly queueMetrics?: (queue: string) => WorkQueueMetrics;
  /** Stops the controllers when it fires. */
  readonly signal?: AbortSignal;
}

export interface RunningControllers {
  /** Those that run, by their full names. */
  readonly names: readonly string[];
  /** Resolves when nothing of them is running and their events have been written or given up. */
  stop(): Promise<void>;
}

/** Starts controllers; they work as soon as their informers have synced. Throws for an unknown name. */
export function startControllers(options: StartControllersOptions): RunningControllers {
  const { informers, names = ["*"], signal } = options;
  const recorders: EventRecorder[] = [];
  const running = new Map<string, ControllerProcess>();
  for (const definition of selectControllers(controllers, names)) {
    const process = definition.create(contextFor(definition, options, recorders));
    if (process) running.set(definition.name, process);
  }
  for (const process of running.values()) process.start();
  informers.start();

  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= stopAll([...running.values()], recorders);
    return stopping;
  };
  signal?.addEventListener("abort", () => void stop(), { once: true });
  return { names: [...running.keys()], stop };
}

function contextFor(
  { name, account }: ControllerDefinition,
  options: StartControllersOptions,
  recorders: EventRecorder[],
): ControllerContext {
  const { informers, settings = {}, clock = systemClock, logger = silentLogger, queueMetrics } = options;
  const { metrics = noControllerMetrics } = options;
  const client = (account !== undefined && options.clientFor?.(account)) || options.client;
  return {
    client,
    informers,
    clock,
    logger: logger.child({ controller: name }),
    settings,
    metrics,
    queueMetrics,
    recorder(component) {
      const recorder = createEventRecorder({ client, component, clock, logger });
      recorders.push(recorder);
      return recorder;
    },
  };
}

async function stopAll(processes: readonly ControllerProcess[], recorders: readonly EventRecorder[]): Promise<void> {
  await Promise.all(processes.map((process) => process.stop()));
  await Promise.all(recorders.map((recorder) => recorder.stop()));
}
