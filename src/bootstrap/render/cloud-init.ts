// A machine description as cloud-init's user data (#cloud-config): files by write_files, everything else by the bootstrap script, which
// runcmd starts. Packages are the script's, too: cloud-init goes on where one cannot be installed, and tells nobody.

import { gzipSync } from "node:zlib";
import { stringify } from "yaml";
import type { FileSpec, MachineDescription } from "../machine-description.ts";
import type { RenderOptions } from "./bootstrap-script.ts";
import { contentBytes, machineFiles, octalMode, plainText, scriptPath } from "./machine-files.ts";

export interface CloudInitOptions extends RenderOptions {
  /** Files that people need not read in it are packed. Default: false. */
  readonly compact?: boolean;
}

export function renderCloudInit(description: MachineDescription, options: CloudInitOptions = {}): string {
  const files = machineFiles(description, options);
  const document = {
    write_files: files.map((file) => writeFile(file, options)),
    runcmd: [["sh", scriptPath]],
  };
  // Quoted wherever it may matter: what reads this follows YAML 1.1, where no and 0644 are no strings.
  const text = stringify(document, { version: "1.1", lineWidth: 0, defaultStringType: "PLAIN", singleQuote: true });
  return `#cloud-config\n# Makes this machine a node of a cluster. Written by slipway.\n${text}`;
}

function writeFile(file: FileSpec, { compact = false }: CloudInitOptions): object {
  const { path, mode } = file;
  const head = { path, permissions: octalMode(mode) };
  const bytes = contentBytes(file);
  const text = plainText(file);
  const packed = gzipSync(bytes, { level: 9 }).toString("base64");
  if (text !== undefined && !(compact && packed.length < bytes.length)) return { ...head, content: text };
  const plain = bytes.toString("base64");
  return packed.length < plain.length
    ? { ...head, encoding: "gz+b64", content: packed }
    : { ...head, encoding: "b64", content: plain };
}
