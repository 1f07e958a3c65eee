// Priority and fairness: sorts requests into flows and levels by the FlowSchemas and PriorityLevelConfigurations there are, and
// lets each level run what it may. Requests from within the process are not held back.

import {
  type FlowSchema,
  type KubeObject,
  type PriorityLevelConfiguration,
  resources,
  type UserInfo,
} from "#kubernetes/api";
import type { Clock } from "#shared";
import type { Answer, Call, Handler } from "../call.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { Exposition } from "../metrics/exposition.ts";
import { isLongRunning } from "../metrics/request-kind.ts";
import { textAnswer } from "../paths/page-not-found.ts";
import type { RequestInfo } from "../request-info.ts";
import { mirrorCollection } from "../store-mirror.ts";
import { distinguisherOf, matchesSchema, sortSchemas } from "./classify.ts";
import { PriorityLevel, type Refused } from "./priority-level.ts";

/** Upstream's limits on requests under way, read-only and mutating, together. */
export const defaultSeats = 600;

/** A request waits no longer than a quarter of the time it may take. */
const longestWaitMs = 15_000;

export interface Fairness {
  wrap(next: Handler): Handler;
  write(exposition: Exposition): void;
  stop(): void;
}

export interface FairnessOptions {
  readonly objects: LiveObjects;
  readonly clock: Clock;
  readonly seats: number;
  /** Called when a schema's level has come to be or has gone. */
  readonly onDangling: (schema: FlowSchema, isDangling: boolean) => void;
}

export function createFairness(options: FairnessOptions): Fairness {
  return new Flows(options);
}

interface Counts {
  readonly schema: string;
  readonly level: string;
  dispatched: number;
  readonly refused: Map<Refused, number>;
}

class Flows implements Fairness {
  readonly #options: FairnessOptions;
  readonly #schemas = new Map<string, FlowSchema>();
  readonly #configurations = new Map<string, PriorityLevelConfiguration>();
  readonly #levels = new Map<string, PriorityLevel>();
  readonly #counts = new Map<string, Counts>();
  readonly #mirrors: readonly { stop(): void }[];
  #order: readonly FlowSchema[] = [];

  constructor(options: FairnessOptions) {
    this.#options = options;
    this.#mirrors = [
      this.#follow(resources.priorityLevelConfigurations, this.#configurations, () => this.#configure()),
      this.#follow(resources.flowSchemas, this.#schemas, () => {
        this.#order = sortSchemas(this.#schemas.values());
        this.#reportDangling();
      }),
    ];
  }

  wrap(next: Handler): Handler {
    return (call) => {
      if (!call.connection || (isLongRunning(call) && call.info.verb !== "watch")) return next(call);
      const schema = this.#classify(call.user, call.info);
      const level = schema && this.#levels.get(schema.spec?.priorityLevelConfiguration.name ?? "");
      if (!level) return next(call);
      call.flow = { schemaUid: schema.metadata.uid ?? "", levelUid: level.uid };
      return this.#run(call, next, schema, level);
    };
  }

  write(exposition: Exposition): void {
    const all = [...this.#counts.values()];
    const ofLevel = (value: (level: PriorityLevel) => number) =>
      [...this.#levels.values()].map((level) => [{ priority_level: level.name }, value(level)] as const);
    exposition.series(
      "apiserver_flowcontrol_dispatched_requests_total",
      "counter",
      "Requests that were let run.",
      all.map(({ schema, level, dispatched }) => [{ flow_schema: schema, priority_level: level }, dispatched]),
    );
    exposition.series(
      "apiserver_flowcontrol_rejected_requests_total",
      "counter",
      "Requests that were refused, and why.",
      all.flatMap(({ schema, level, refused }) =>
        [...refused].map(([reason, count]) => [{ flow_schema: schema, priority_level: level, reason }, count] as const),
      ),
    );
    const gauges = [
      ["apiserver_flowcontrol_current_executing_seats", "Seats taken.", (level: PriorityLevel) => level.running],
      ["apiserver_flowcontrol_current_inqueue_seats", "Seats waited for.", (level: PriorityLevel) => level.waiting],
      ["apiserver_flowcontrol_nominal_limit_seats", "Seats of its own.", (level: PriorityLevel) => level.seats],
    ] as const;
    for (const [name, help, value] of gauges) exposition.series(name, "gauge", help, ofLevel(value));
  }

  stop(): void {
    for (const mirror of this.#mirrors) mirror.stop();
  }

  #classify(user: UserInfo, info: RequestInfo): FlowSchema | undefined {
    return this.#order.find((schema) => matchesSchema(schema, user, info));
  }

  async #run(call: Call, next: Handler, schema: FlowSchema, level: PriorityLevel): Promise<Answer> {
    const { name = "" } = schema.metadata;
    const flow = `${name}\n${distinguisherOf(schema, call.user, call.info)}`;
    const counts = this.#countsOf(name, level.name);
    const deadline = (expire: () => void) => this.#options.clock.after(longestWaitMs, expire);
    const refused = await level.acquire(flow, deadline);
    if (refused !== undefined) {
      counts.refused.set(refused, (counts.refused.get(refused) ?? 0) + 1);
      return tooManyRequests;
    }
    counts.dispatched++;
    try {
      return await next(call);
    } finally {
      level.release();
    }
  }

  #countsOf(schema: string, level: string): Counts {
    const key = `${schema}\n${level}`;
    let counts = this.#counts.get(key);
    if (!counts) {
      counts = { schema, level, dispatched: 0, refused: new Map() };
      this.#counts.set(key, counts);
    }
    return counts;
  }

  #follow<T extends KubeObject>(
    resource: Parameters<LiveObjects["collection"]>[0],
    kept: Map<string, T>,
    changed: () => void,
  ): { stop(): void } {
    return mirrorCollection<T>(this.#options.objects.collection(resource), {
      put: (key, object) => {
        kept.set(key, object);
        changed();
      },
      remove: (key) => {
        kept.delete(key);
        changed();
      },
    });
  }

  /** Deals the seats out by shares. */
  #configure(): void {
    const sharesOf = ({ spec }: PriorityLevelConfiguration) =>
      (spec?.limited ?? spec?.exempt)?.nominalConcurrencyShares ?? 0;
    const all = [...this.#configurations.values()].reduce((sum, each) => sum + sharesOf(each), 0);
    for (const [name, level] of [...this.#levels]) {
      if (this.#configurations.has(name)) continue;
      this.#levels.delete(name);
      level.retire();
    }
    for (const [name, configuration] of this.#configurations) {
      const seats = all === 0 ? 0 : Math.ceil((this.#options.seats * sharesOf(configuration)) / all);
      let level = this.#levels.get(name);
      if (!level) {
        level = new PriorityLevel(name, { spareSeats: (borrower) => this.#spareSeats(borrower) });
        this.#levels.set(name, level);
      }
      level.configure(configuration, seats);
    }
    this.#reportDangling();
  }

  #spareSeats(borrower: PriorityLevel): number {
    let spare = 0;
    for (const level of this.#levels.values()) {
      if (level !== borrower) spare += level.spare;
      spare -= level.borrowed;
    }
    return spare;
  }

  #reportDangling(): void {
    for (const schema of this.#schemas.values()) {
      const isDangling = !this.#configurations.has(schema.spec?.priorityLevelConfiguration.name ?? "");
      const told = schema.status?.conditions?.find(({ type }) => type === "Dangling")?.status;
      if (told !== (isDangling ? "True" : "False")) this.#options.onDangling(schema, isDangling);
    }
  }
}

const tooManyRequests = textAnswer(429, "Too many requests, please try again later.\n", {
  "retry-after": "1",
  "x-content-type-options": "nosniff",
});
