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
import type { Answer, Call, Handler, WatchAnswer } from "../call.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { Exposition } from "../metrics/exposition.ts";
import { isLongRunning } from "../metrics/request-kind.ts";
import { textAnswer } from "../paths/page-not-found.ts";
import type { RequestInfo } from "../request-info.ts";
import { mirrorCollection, type StoreMirror } from "../store-mirror.ts";
import { distinguisherOf, matchesSchema, sortSchemas } from "./classify.ts";
import { FlowMetrics } from "./flow-metrics.ts";
import type { FlowRequest } from "./flow-request.ts";
import { PriorityLevel, type SeatRequest } from "./priority-level.ts";
import { estimateWork } from "./work-estimate.ts";
import type { ResourceFacts } from "./work-facts.ts";

/** Upstream's limits on requests under way, read-only and mutating, together. */
export const defaultSeats = 600;

/** A request waits no longer than a quarter of the time it may take. */
const longestWaitMs = 15_000;

export interface Fairness {
  wrap(next: Handler): Handler;
  levels(): readonly PriorityLevel<FlowRequest>[];
  write(exposition: Exposition): void;
  /** Resolves when the levels there are have been read. */
  readonly ready: Promise<void>;
  stop(): void;
}

export interface FairnessOptions {
  readonly objects: LiveObjects;
  readonly clock: Clock;
  readonly seats: number;
  /** What estimates of a request's work go by. */
  readonly facts: ResourceFacts;
  /** Called when a schema's level has come to be or has gone. */
  readonly onDangling: (schema: FlowSchema, isDangling: boolean) => void;
}

export function createFairness(options: FairnessOptions): Fairness {
  return new Flows(options);
}

class Flows implements Fairness {
  readonly ready: Promise<void>;
  readonly #options: FairnessOptions;
  readonly #schemas = new Map<string, FlowSchema>();
  readonly #configurations = new Map<string, PriorityLevelConfiguration>();
  readonly #levels = new Map<string, PriorityLevel<FlowRequest>>();
  readonly #metrics = new FlowMetrics();
  readonly #mirrors: readonly StoreMirror[];
  /** Seats that are held for what requests have set off. */
  readonly #holds = new Set<() => void>();
  /** Levels that have gone while requests of theirs run. */
  readonly #retired = new Set<PriorityLevel<FlowRequest>>();
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
    this.ready = Promise.all(this.#mirrors.map(({ ready }) => ready)).then(() => {});
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

  levels(): readonly PriorityLevel<FlowRequest>[] {
    for (const level of this.#retired) if (level.running === 0) this.#retired.delete(level);
    return [...this.#levels.values(), ...this.#retired];
  }

  write(exposition: Exposition): void {
    this.#metrics.write(exposition, this.levels());
  }

  stop(): void {
    for (const mirror of this.#mirrors) mirror.stop();
    for (const cancel of this.#holds) cancel();
  }

  #classify(user: UserInfo, info: RequestInfo): FlowSchema | undefined {
    // As upstream: a schema without its level is as good as none.
    return this.#order.find(
      (schema) =>
        this.#levels.has(schema.spec?.priorityLevelConfiguration.name ?? "") && matchesSchema(schema, user, info),
    );
  }

  async #run(call: Call, next: Handler, schema: FlowSchema, level: PriorityLevel<FlowRequest>): Promise<Answer> {
    const { name = "" } = schema.metadata;
    const request = this.#seatRequest(call, schema, level);
    const refused = await level.acquire(request);
    if (refused !== undefined) {
      this.#metrics.refused(name, level.name, refused);
      return tooManyRequests;
    }
    this.#metrics.dispatched(name, level.name);
    request.about.startedMs = this.#options.clock.now();
    let keepsSeats = false;
    try {
      const answer = await next(call);
      this.#options.facts.observe(answer);
      // What is not answered as it stands may never be opened.
      if (answer.kind !== "watch" || call.request.headers["upgrade"]) return answer;
      keepsSeats = true;
      return untilOpened(answer, { call, release: () => level.release(request) });
    } finally {
      if (!keepsSeats) this.#release(level, request);
    }
  }

  #seatRequest(call: Call, schema: FlowSchema, level: PriorityLevel<FlowRequest>): SeatRequest<FlowRequest> {
    const { clock, facts } = this.#options;
    const { name = "" } = schema.metadata;
    const work = estimateWork(call, { mostSeats: level.mostSeats, ...facts.of(call) });
    const distinguisher = distinguisherOf(schema, call.user, call.info);
    return {
      flow: `${name}\n${distinguisher}`,
      seats: Math.max(work.initialSeats, work.finalSeats),
      about: { schema: name, distinguisher, work, call, arrivedMs: clock.now(), startedMs: undefined },
      deadline: (expire) => clock.after(longestWaitMs, expire),
      gone: call.onGone,
    };
  }

  /** The answer does not wait for what the request has set off; those that wait for seats do. */
  #release(level: PriorityLevel<FlowRequest>, request: SeatRequest<FlowRequest>): void {
    const { finalSeats, finalMs } = request.about.work;
    const giveBack = finalSeats > 0 ? level.hold(finalSeats) : undefined;
    level.release(request);
    if (!giveBack) return;
    const cancel = this.#options.clock.after(finalMs, () => {
      this.#holds.delete(cancel);
      giveBack();
    });
    this.#holds.add(cancel);
  }

  #follow<T extends KubeObject>(
    resource: Parameters<LiveObjects["collection"]>[0],
    kept: Map<string, T>,
    changed: () => void,
  ): StoreMirror {
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
      if (level.running > 0) this.#retired.add(level);
    }
    for (const [name, configuration] of this.#configurations) {
      const seats = all === 0 ? 0 : Math.ceil((this.#options.seats * sharesOf(configuration)) / all);
      this.#levelNamed(name).configure(configuration, seats);
    }
    this.#dispatchOthers();
    this.#reportDangling();
  }

  #levelNamed(name: string): PriorityLevel<FlowRequest> {
    const known = this.#levels.get(name) ?? [...this.#retired].find((level) => level.name === name);
    const level =
      known ??
      new PriorityLevel<FlowRequest>(name, {
        spareSeats: (borrower) => this.#spareSeats(borrower),
        seatsFreed: (lender) => this.#dispatchOthers(lender),
      });
    this.#retired.delete(level);
    this.#levels.set(name, level);
    return level;
  }

  /** What one level can do without, another may wait for. */
  #dispatchOthers(lender?: PriorityLevel): void {
    for (const level of this.#levels.values()) if (level !== lender && level.waiting > 0) level.dispatch();
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

/** A watch is work only until it has told of what there is, or its client has gone. */
function untilOpened(
  answer: WatchAnswer,
  { call, release }: { readonly call: Call; readonly release: () => void },
): WatchAnswer {
  let isReleased = false;
  const releaseOnce = (): void => {
    if (!isReleased) release();
    isReleased = true;
  };
  const callOff = call.onGone?.(releaseOnce);
  return {
    ...answer,
    open(sink) {
      callOff?.();
      try {
        return answer.open(sink);
      } finally {
        releaseOnce();
      }
    },
  };
}

const tooManyRequests = textAnswer(429, "Too many requests, please try again later.\n", {
  "retry-after": "1",
  "x-content-type-options": "nosniff",
});
