// All files of a machine that bootstraps by itself: the description's, its units', and the script that does the rest.

import type { FileSpec, MachineDescription } from "../machine-description.ts";
import { renderSystemdUnit, unitPath } from "../remote/systemd-unit.ts";
import { bootstrapFolder } from "../report.ts";
import { type RenderOptions, renderBootstrapScript } from "./bootstrap-script.ts";

export const scriptPath = `${bootstrapFolder}/bootstrap.sh`;
export const defaultMode = 0o644;

export function machineFiles(description: MachineDescription, options?: RenderOptions): FileSpec[] {
  const units = description.units.map((unit) => ({ path: unitPath(unit.name), content: renderSystemdUnit(unit) }));
  const script = { path: scriptPath, content: renderBootstrapScript(description, options), mode: 0o700 };
  return [...description.files, ...units, script];
}

export function contentBytes({ content }: FileSpec): Buffer {
  return typeof content === "string" ? Buffer.from(content, "utf8") : Buffer.from(content);
}

/** The mode as people and tools write it: "0644". */
export function octalMode(mode = defaultMode): string {
  return mode.toString(8).padStart(4, "0");
}

/** Text that survives being written down in YAML or in a shell's here-document; undefined for anything else. */
export function plainText(file: FileSpec): string | undefined {
  const bytes = contentBytes(file);
  const text = bytes.toString("utf8");
  const isPlain = /^[\t\n\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\uffef]*$/.test(text);
  return isPlain && Buffer.from(text).equals(bytes) ? text : undefined;
}
