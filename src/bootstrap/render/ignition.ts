// A machine description as an Ignition configuration (Flatcar, Fedora CoreOS): files, units, and one unit that runs the bootstrap script
// once. Ignition runs before systemd does, so every unit is written before any starts.

import { gzipSync } from "node:zlib";
import type { FileSpec, MachineDescription } from "../machine-description.ts";
import { bootstrapFolder } from "../report.ts";
import { type RenderOptions, reportedHash } from "./bootstrap-script.ts";
import { contentBytes, defaultMode, machineFiles, scriptPath } from "./machine-files.ts";
import { doneMark } from "./runner.ts";

/** The oldest that has all that is used here: newer Ignitions read it, too. */
const specVersion = "3.3.0";

export interface IgnitionOptions extends RenderOptions {
  /** Default: 3.3.0. */
  readonly version?: "3.3.0" | "3.4.0";
}

export function renderIgnition(description: MachineDescription, options: IgnitionOptions = {}): string {
  const document = {
    ignition: { version: options.version ?? specVersion },
    storage: { files: machineFiles(description, options).map(describeFile) },
    systemd: {
      units: [
        { name: "slipway-bootstrap.service", enabled: true, contents: renderUnit(reportedHash(description, options)) },
      ],
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function describeFile(file: FileSpec): object {
  const bytes = contentBytes(file);
  const packed = gzipSync(bytes, { level: 9 });
  const compression = packed.length < bytes.length;
  const source = `data:;base64,${(compression ? packed : bytes).toString("base64")}`;
  const contents = compression ? { compression: "gzip", source } : { source };
  return { path: file.path, mode: file.mode ?? defaultMode, overwrite: true, contents };
}

function renderUnit(descriptionHash: string): string {
  return `[Unit]
Description=Makes this machine a node of a cluster
Wants=network-online.target
After=network-online.target
ConditionPathExists=!${bootstrapFolder}/${doneMark(descriptionHash)}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ${scriptPath}

[Install]
WantedBy=multi-user.target
`;
}
