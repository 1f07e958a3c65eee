// What one says to a supervisor over its socket: one JSON line there, one back, then the connection ends (but for `ready`).

import type { UnitStatus } from "./unit.ts";

export type SupervisorRequest =
  /** Reads the unit's file and keeps it running; answers when it is ready, or has ended before that. */
  | { readonly op: "start"; readonly unit: string }
  /** Stops the unit and whatever comes after it; unknown ones are fine. */
  | { readonly op: "stop"; readonly unit: string }
  /** From the unit's own process: it does its work now. */
  | { readonly op: "ready"; readonly unit: string }
  | { readonly op: "status" }
  /** Stops all units, those that come after others first, then the supervisor. */
  | { readonly op: "shutdown" };

export interface SupervisorStatus {
  readonly pid: number;
  readonly units: readonly UnitStatus[];
}

export type SupervisorResponse =
  | { readonly ok: true; readonly status?: SupervisorStatus }
  | { readonly ok: false; readonly message: string };
