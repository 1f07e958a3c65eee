// slipway bundle inspect

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { readBundle } from "#bootstrap";
import { describeBundle } from "../../bundle/describe-bundle.ts";
import type { CliContext } from "../../context.ts";

interface InspectOptions {
  readonly json?: boolean;
  readonly sbom?: boolean;
}

export function define(command: Command, context: CliContext): void {
  command
    .argument("<file>", "a bundle")
    .option("--json", "its index, as JSON")
    .option("--sbom", "its bill of materials, SPDX in JSON")
    .action((file: string, options: InspectOptions) => inspect(context, file, options));
}

/** Every checksum is looked at, whatever is shown. */
async function inspect(context: CliContext, file: string, { json, sbom }: InspectOptions): Promise<void> {
  const path = resolve(context.folder, file);
  const { signal } = context;
  if (sbom) return context.out(await readSbom(path, signal));
  const index = await readBundle(path, { signal });
  context.out(json ? `${JSON.stringify(index, null, 2)}\n` : describeBundle(index));
}

async function readSbom(path: string, signal: AbortSignal): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-sbom-"));
  try {
    await readBundle(path, { signal, unpackTo: join(folder, "bundle") });
    return await readFile(join(folder, "bundle/sbom.spdx.json"), "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
