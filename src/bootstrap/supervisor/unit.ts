// A unit: one process that is kept running, as plain data. Kept in <cluster folder>/units/<name>.json, so that one can read what the
// supervisor does and the supervisor finds it again.

/** How it shows that a unit does its work, not just runs. */
export type Readiness =
  /** The process says so itself (notify-supervisor.ts). */
  | { readonly kind: "notify" }
  /** A unix socket takes connections. */
  | { readonly kind: "socket"; readonly path: string }
  /** It runs. */
  | { readonly kind: "running" };

export interface UnitSpec {
  /** A file name: "control-plane", "agent-worker-1". */
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Units that must be ready before this one is first started. */
  readonly after: readonly string[];
  readonly ready: Readiness;
  /** It starts the supervisor again when that was killed. For units in the host's own namespaces only: the supervisor gets theirs. */
  readonly revivesSupervisor?: boolean;
  /** How long it gets to end after SIGTERM before it is killed. Default: 10 s. */
  readonly stopTimeoutMs?: number;
}

/**
 * - `stopped`: not wanted;
 * - `waiting`: for the units it comes after;
 * - `starting`: runs, not ready yet;
 * - `ready`;
 * - `failed`: ended by itself, and is started again at `retryAt`.
 */
export type UnitState =
  | { readonly state: "stopped" | "waiting" }
  | { readonly state: "starting" | "ready"; readonly pid: number }
  | { readonly state: "failed"; readonly reason: string; readonly retryAt: number };

export interface UnitStatus {
  readonly name: string;
  readonly restarts: number;
  readonly state: UnitState;
}
