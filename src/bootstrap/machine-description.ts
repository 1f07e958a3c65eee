// What makes a machine a node, as data and in one neutral form, whatever carries it out: here the supervisor and plain files, on other
// machines cloud-init, Ignition or commands over SSH.

import { createHash } from "node:crypto";
import type { UnitSpec } from "./supervisor/unit.ts";

export interface FileSpec {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Default: 0644. */
  readonly mode?: number;
}

export interface MachineDescription {
  /** In this order: files are written, commands run, units started. */
  readonly files: readonly FileSpec[];
  /** Argument lists, run as root on the machine; each may be run again. */
  readonly commands: readonly (readonly string[])[];
  readonly units: readonly UnitSpec[];
}

/** Into a unit's environment: with other settings it is another unit, which the supervisor then starts anew. */
export function settingsMark(settings: string): Record<string, string> {
  return { SLIPWAY_SETTINGS: createHash("sha256").update(settings).digest("hex").slice(0, 16) };
}
