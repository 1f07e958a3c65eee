// A machine description as one shell script that writes every file and then does the rest: for people, to be read, or run by hand on a
// machine that nothing else reaches.

import type { FileSpec, MachineDescription } from "../machine-description.ts";
import type { RenderOptions } from "./bootstrap-script.ts";
import { contentBytes, machineFiles, octalMode, plainText, scriptPath } from "./machine-files.ts";
import { quoteShell } from "./quote-shell.ts";

export interface ShellScriptOptions extends RenderOptions {
  /** Secret files without their content: to be read, not to be run. Default: false. */
  readonly hideSecrets?: boolean;
}

export function renderShellScript(description: MachineDescription, options: ShellScriptOptions = {}): string {
  const files = machineFiles(description, options).map((file) => renderFile(file, options));
  return `#!/bin/sh
# Makes a machine a node of a cluster. Written by slipway${options.hideSecrets ? ", without what is secret: not to be run" : ""}.
set -eu
umask 077

# write PATH MODE: standard input becomes the file.
write() {
  mkdir -p -m 755 "$(dirname "$1")"
  cat >"$1.new"
  chmod "$2" "$1.new"
  mv "$1.new" "$1"
}

${files.join("\n")}
exec sh ${scriptPath}
`;
}

function renderFile(file: FileSpec, { hideSecrets = false }: ShellScriptOptions): string {
  const { path, mode, secret } = file;
  const write = `write ${quoteShell(path)} ${octalMode(mode)}`;
  if (hideSecrets && secret) return `# write ${JSON.stringify(path)} ${octalMode(mode)}: secret\n`;
  const text = plainText(file);
  if (text === undefined || !text.endsWith("\n")) {
    const lines = contentBytes(file).toString("base64").replace(/.{76}/g, "$&\n");
    return `base64 -d <<'END' | ${write}\n${lines}\nEND\n`;
  }
  return `${write} <<'${endMark(text)}'\n${text}${endMark(text)}\n`;
}

/** A line that the text does not have. */
function endMark(text: string): string {
  const lines = new Set(text.split("\n"));
  let mark = "END";
  while (lines.has(mark)) mark += "_";
  return mark;
}
