// The contract of one controller in the list: its name, and how it is made from what all controllers share.

import type { Client, InformerSet } from "#kubernetes/client";
import type { EventRecorder, WorkQueueMetrics } from "#kubernetes/runtime";
import type { Clock, Logger } from "#shared";
import type { ControllerMetrics } from "./controller-metrics.ts";
import type { ControllerSettings } from "./controller-settings.ts";

/** What every controller is given. */
export interface ControllerContext {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: ControllerSettings;
  /** The recorder of a component, under whose name people see its events. */
  recorder(component: string): EventRecorder;
  readonly metrics: ControllerMetrics;
  /** Makes the reporter of a work queue; absent where nobody collects metrics. */
  readonly queueMetrics?: ((queue: string) => WorkQueueMetrics) | undefined;
}

/** Something that runs between `start` and `stop`. */
export interface ControllerProcess {
  start(): void;
  /** Resolves when nothing of it is running. */
  stop(): Promise<void>;
}

export interface ControllerDefinition {
  /** As kube-controller-manager lists it, such as "deployment-controller". */
  readonly name: string;
  /** Older names that --controllers takes too, such as "deployment". */
  readonly aliases: readonly string[];
  /** The service account of kube-system it acts as, where every controller has its own; undefined: as the manager itself. */
  readonly account: string | undefined;
  /** Runs only when named: "*" does not mean it. */
  readonly isOffByDefault?: boolean;
  /** Undefined where the settings it needs are missing: there is nothing for it to do. */
  create(context: ControllerContext): ControllerProcess | undefined;
}

/** Several processes as one. */
export function combineProcesses(...processes: readonly ControllerProcess[]): ControllerProcess {
  return {
    start() {
      for (const process of processes) process.start();
    },
    async stop() {
      await Promise.all(processes.map((process) => process.stop()));
    },
  };
}
