// slipway store snapshot

import { createWriteStream, existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { exitCodes, UserError } from "#shared";
import { addNameOption, findCluster } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { askStore } from "../../store-request.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .argument("<file>", "where the data goes; it must not be there yet")
    .action((file: string, { name }: { name?: string }) => snapshot(context, file, name));
}

/** The file appears when it is whole. It holds secrets: only its owner may read it. */
async function snapshot(context: CliContext, file: string, name?: string): Promise<void> {
  const cluster = findCluster(context, name);
  const path = resolve(context.folder, file);
  if (existsSync(path)) {
    throw new UserError(`Cannot save to ${file}: it is there already`, {
      hints: ["Choose another name, or move it away."],
      exitCode: exitCodes.conflict,
    });
  }
  if (!existsSync(dirname(path))) {
    throw new UserError(`Cannot save to ${file}: there is no folder ${dirname(path)}`, {
      exitCode: exitCodes.notFound,
    });
  }
  const partial = `${path}.partial`;
  try {
    await askStore(cluster, "GET", "snapshot", async (response) => {
      if (response.kind !== "bytes")
        throw new UserError(`Cannot save cluster ${cluster.name}: its server sent no data`);
      const { body } = response;
      const source = body instanceof Uint8Array ? Readable.from([body]) : Readable.from(body, { objectMode: false });
      await pipeline(source, createWriteStream(partial, { mode: 0o600, flush: true }));
    });
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
  context.err(`Cluster ${cluster.name} is saved to ${file}.\n`);
}
