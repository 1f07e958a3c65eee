// A machine description as cloud-init's user data (#cloud-config): files by write_files, everything else by the bootstrap script, which
// runcmd starts. Packages are the script's, too: cloud-init goes on where one cannot be installed, and tells nobody.

import { gzipSync } from "node:zlib";
import { Scalar, stringify } from "yaml";
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
  const text = stringify(document, {
    lineWidth: 0,
    defaultStringType: "QUOTE_SINGLE",
    defaultKeyType: "PLAIN",
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
  });
  return `#cloud-config\n# Makes this machine a node of a cluster. Written by slipway.\n${text}`;
}

function writeFile(file: FileSpec, { compact = false }: CloudInitOptions): object {
  const { path, mode } = file;
  const head = { path, permissions: octalMode(mode) };
  const bytes = contentBytes(file);
  const text = plainText(file);
  const packed = gzipSync(bytes, { level: 9 }).toString("base64");
  if (text !== undefined && !(compact && packed.length < bytes.length)) return { ...head, content: literal(text) };
  const plain = bytes.toString("base64");
  return packed.length < plain.length
    ? { ...head, encoding: "gz+b64", content: packed }
    : { ...head, encoding: "b64", content: plain };
}

/** Lines stay lines where every YAML parser agrees on what they mean; anything else is quoted, so that "no" and "0644" stay texts. */
function literal(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = /^[^\s].*\n/.test(text) ? Scalar.BLOCK_LITERAL : Scalar.QUOTE_DOUBLE;
  return scalar;
}
