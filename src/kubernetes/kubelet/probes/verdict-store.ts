// What the probes last concluded about each container, and who wants to know when that changes.

export type ProbeType = "liveness" | "readiness" | "startup";

/** unknown: a startup probe that has not concluded yet. */
export type Verdict = "success" | "failure" | "unknown";

export interface VerdictChange {
  readonly type: ProbeType;
  readonly podUid: string;
  readonly containerId: string;
  readonly verdict: Verdict;
}

export class VerdictStore {
  readonly #verdicts: Readonly<Record<ProbeType, Map<string, Verdict>>> = {
    liveness: new Map(),
    readiness: new Map(),
    startup: new Map(),
  };
  readonly #onChange: (change: VerdictChange) => void;

  constructor(onChange: (change: VerdictChange) => void) {
    this.#onChange = onChange;
  }

  /** Undefined: no probe of that type has said anything of this container. */
  get(type: ProbeType, containerId: string): Verdict | undefined {
    return this.#verdicts[type].get(containerId);
  }

  set(type: ProbeType, podUid: string, containerId: string, verdict: Verdict): void {
    const known = this.#verdicts[type];
    if (known.get(containerId) === verdict) return;
    known.set(containerId, verdict);
    this.#onChange({ type, podUid, containerId, verdict });
  }

  forget(type: ProbeType, containerId: string): void {
    this.#verdicts[type].delete(containerId);
  }
}
