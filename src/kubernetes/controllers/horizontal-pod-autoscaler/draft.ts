// What one look at an autoscaler comes to, bit by bit: conditions and status, written at the end, whatever happened.

import {
  type HorizontalPodAutoscaler,
  type HorizontalPodAutoscalerCondition,
  type Pod,
  resources,
  type Selector,
} from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import { type EventRecorder, type ReconcileContext, referenceTo } from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import type { AutoscalerSettings } from "../controller-settings.ts";
import { OwnWrites } from "../own-writes.ts";
import { writeStatus } from "../write-status.ts";
import type { ScalingHistory, Verdict } from "./behavior.ts";
import { withCondition } from "./conditions.ts";
import type { KindResources } from "./scale-target.ts";

/** What all looks share. */
export interface Parts {
  readonly client: Client;
  readonly autoscalers: Informer<HorizontalPodAutoscaler>;
  readonly pods: Informer<Pod>;
  readonly events: EventRecorder;
  readonly settings: AutoscalerSettings;
  readonly kinds: KindResources;
  readonly histories: Map<string, ScalingHistory>;
  /** Which pods each autoscaler scales, as far as that is known. */
  readonly selectors: Map<string, Selector>;
}

export class Draft {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly key: string;
  readonly parts: Parts;
  readonly signal: AbortSignal;
  readonly nowMs: number;
  conditions: readonly HorizontalPodAutoscalerCondition[];
  status: Partial<NonNullable<HorizontalPodAutoscaler["status"]>> = {};

  constructor(autoscaler: HorizontalPodAutoscaler, key: string, parts: Parts, { signal, clock }: ReconcileContext) {
    this.autoscaler = autoscaler;
    this.key = key;
    this.parts = parts;
    this.signal = signal;
    this.nowMs = clock.now();
    this.conditions = autoscaler.status?.conditions ?? [];
  }

  set(type: string, isTrue: boolean, { reason, message }: Verdict): void {
    const change = { type, status: isTrue ? "True" : "False", reason, message };
    this.conditions = withCondition(this.conditions, change, this.nowMs);
  }

  warn(reason: string, message: string): void {
    this.parts.events.warning(referenceTo(resources.horizontalPodAutoscalers, this.autoscaler), reason, message);
  }

  async save(): Promise<void> {
    const { client, autoscalers } = this.parts;
    const present = this.autoscaler.status;
    const status = { desiredReplicas: 0, ...present, ...this.status, conditions: [...this.conditions] };
    if (isSameJson(status, present)) return;
    const writes = new OwnWrites();
    try {
      const options = { status, signal: this.signal };
      writes.note(autoscalers, await writeStatus(client, resources.horizontalPodAutoscalers, this.autoscaler, options));
    } catch (error) {
      if (!this.signal.aborted) this.warn("FailedUpdateStatus", (error as Error).message);
      throw error;
    }
    await writes.seen(this.signal);
  }
}
