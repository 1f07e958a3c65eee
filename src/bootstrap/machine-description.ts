// What makes a machine a node, as data and in one neutral form, whatever carries it out: here the supervisor and plain files, on other
// machines cloud-init, Ignition or commands over SSH.

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
