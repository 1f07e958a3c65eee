// What makes a machine a node, as data and in one neutral form, whatever carries it out: here the supervisor and plain files, on other
// machines cloud-init, Ignition or commands over SSH.

import { createHash } from "node:crypto";
import type { UnitSpec } from "./supervisor/unit.ts";

export interface FileSpec {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Default: 0644. */
  readonly mode?: number;
  /** Its content is never shown: not in plans, journals, logs or reports. */
  readonly secret?: boolean;
}

export interface CommandSpec {
  /** Run as root on the machine, without a shell; may be run again. */
  readonly argv: readonly string[];
  /** Where this path exists on the machine, the command was run before and is not run again. */
  readonly creates?: string;
  /** For people and reports: "Start the first control plane". Default: the arguments. */
  readonly title?: string;
}

/** Something big that a machine needs and that no description holds: a program, a package, an archive of images. */
export interface ArtifactSpec {
  /** As the bundle and the catalogue of artifacts name it: "kubelet-1.36.2-linux-amd64". */
  readonly name: string;
  /** Where it goes on the machine. */
  readonly path: string;
  readonly mode?: number;
}

export interface MachineDescription {
  /** Run first, before anything of what follows is changed: where one fails, nothing is. */
  readonly checks?: readonly CommandSpec[];
  /** In this order: artifacts and packages are fetched, files written, commands run, units started. */
  readonly artifacts?: readonly ArtifactSpec[];
  /** Where archives of images are put, if whoever brings the artifacts has some: a bundle. Absent: they are brought another way. */
  readonly imagesFolder?: string;
  /** By Debian's names; other families' names are the renderer's to know. */
  readonly packages?: readonly string[];
  readonly files: readonly FileSpec[];
  readonly commands: readonly CommandSpec[];
  readonly units: readonly UnitSpec[];
}

/** Into a unit's environment: with other settings it is another unit, which the supervisor then starts anew. */
export function settingsMark(settings: string): Record<string, string> {
  return { SLIPWAY_SETTINGS: createHash("sha256").update(settings).digest("hex").slice(0, 16) };
}
