// One unit's life: started, watched until it is ready, started again when it ends, stopped when it is wanted no more.

import { abortable, type Clock, type Logger, type ProcessIdentity } from "#shared";
import type { Launcher, RunningProcess } from "./launcher.ts";
import type { UnitSpec, UnitState, UnitStatus } from "./unit.ts";

export interface SupervisedUnitOptions {
  readonly launcher: Launcher;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves when the process has become ready in a way that can be seen from outside; not called for `notify`. */
  awaitReady(spec: UnitSpec, signal: AbortSignal): Promise<void>;
  /** Called after every change of state, before anything else happens. */
  onChange(): void;
}

/** The process of a unit as an earlier supervisor noted it. */
export interface NotedProcess {
  readonly identity: ProcessIdentity;
  readonly ready: boolean;
}

const firstDelayMs = 100;
const longestDelayMs = 10_000;
/** A process that ran this long is started again as if it had never failed. */
const stableMs = 30_000;
const defaultStopTimeoutMs = 10_000;

export class SupervisedUnit {
  readonly spec: UnitSpec;
  readonly #options: SupervisedUnitOptions;
  #state: UnitState = { state: "stopped" };
  #restarts = 0;
  #running: RunningProcess | undefined;
  #stop: AbortController | undefined;
  #loop: Promise<void> = Promise.resolve();
  #failures = 0;
  #watchers = new Set<(state: UnitState) => void>();

  constructor(spec: UnitSpec, options: SupervisedUnitOptions) {
    this.spec = spec;
    this.#options = options;
  }

  get status(): UnitStatus {
    return { name: this.spec.name, restarts: this.#restarts, state: this.#state };
  }

  /** What a later supervisor needs to take the process over. */
  get noted(): NotedProcess | undefined {
    return this.#running && { identity: this.#running.identity, ready: this.#state.state === "ready" };
  }

  /** Keeps the process running from here on; `before` must resolve before the first start. Does nothing when it does so already. */
  start(before: Promise<unknown> = Promise.resolve(), noted?: NotedProcess): void {
    if (this.#stop) return;
    this.#stop = new AbortController();
    const adopted = noted && this.#options.launcher.adopt(noted.identity);
    this.#loop = this.#run(this.#stop.signal, before, adopted && { process: adopted, ready: noted.ready });
  }

  /** Ends the process: SIGTERM, then SIGKILL. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stop?.abort(new Error("stopped"));
    await this.#loop;
    this.#stop = undefined;
    this.#setState({ state: "stopped" });
  }

  /** The process has said that it is ready. */
  notifyReady(): void {
    if (this.#state.state === "starting") this.#setState({ state: "ready", pid: this.#state.pid });
  }

  /** Resolves when the unit is ready; rejects when it fails or is stopped before that, or when the signal fires. */
  whenReady(signal: AbortSignal): Promise<void> {
    return this.#await(signal, (state) => {
      if (state.state === "failed") throw new Error(state.reason);
      if (state.state === "stopped") throw new Error("stopped");
    });
  }

  /** Resolves when the unit is ready, however often it fails before. */
  untilReady(signal: AbortSignal): Promise<void> {
    return this.#await(signal, () => {});
  }

  #await(signal: AbortSignal, check: (state: UnitState) => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = (state: UnitState) => {
      try {
        check(state);
        if (state.state === "ready") resolve();
      } catch (error) {
        reject(error);
      }
    };
    this.#watchers.add(look);
    look(this.#state);
    return abortable(promise, signal).finally(() => this.#watchers.delete(look));
  }

  async #run(
    signal: AbortSignal,
    before: Promise<unknown>,
    adopted?: { process: RunningProcess; ready: boolean },
  ): Promise<void> {
    if (adopted) await this.#watch(adopted.process, signal, adopted.ready);
    else {
      this.#setState({ state: "waiting" });
      await abortable(before, signal).catch(() => {});
    }
    while (!signal.aborted) await this.#watch(this.#launch(), signal, false);
  }

  #launch(): RunningProcess {
    const running = this.#options.launcher.launch(this.spec);
    this.#options.logger.info({ unit: this.spec.name, pid: running.identity.pid }, "started");
    return running;
  }

  /** Stays with a process until it has ended and, unless stopped, the time has come to start it again. */
  async #watch(running: RunningProcess, signal: AbortSignal, ready: boolean): Promise<void> {
    const { clock, logger, awaitReady } = this.#options;
    const startedAt = clock.now();
    this.#running = running;
    this.#setState({ state: ready ? "ready" : "starting", pid: running.identity.pid });
    const ended = new AbortController();
    if (!ready && this.spec.ready.kind !== "notify") {
      awaitReady(this.spec, ended.signal).then(
        () => this.notifyReady(),
        () => {},
      );
    }
    const onStop = () => void this.#terminate(running);
    signal.addEventListener("abort", onStop, { once: true });
    if (signal.aborted) onStop();
    const reason = await running.exited;
    signal.removeEventListener("abort", onStop);
    ended.abort();
    this.#running = undefined;
    if (signal.aborted) return;
    logger.warn({ unit: this.spec.name, reason }, "ended by itself");
    const failures = clock.now() - startedAt >= stableMs ? 0 : this.#failures;
    this.#failures = failures + 1;
    await this.#backOff(reason, Math.min(firstDelayMs * 2 ** failures, longestDelayMs), signal);
  }

  async #backOff(reason: string, delayMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#setState({ state: "failed", reason, retryAt: clock.now() + delayMs });
    this.#restarts++;
    await clock.sleep(delayMs, signal).catch(() => {});
  }

  async #terminate(running: RunningProcess): Promise<void> {
    running.kill("SIGTERM");
    const cancel = this.#options.clock.after(this.spec.stopTimeoutMs ?? defaultStopTimeoutMs, () =>
      running.kill("SIGKILL"),
    );
    await running.exited;
    cancel();
  }

  #setState(state: UnitState): void {
    this.#state = state;
    this.#options.onChange();
    for (const watcher of this.#watchers) watcher(state);
  }
}
