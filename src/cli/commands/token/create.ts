// slipway token create

import type { Command } from "commander";
import { withClusterClient, writeBootstrapToken } from "#addons";
import { createBootstrapToken } from "#bootstrap";
import { addNameOption } from "../../cluster.ts";
import { findKubeconfig } from "../../cluster-files.ts";
import type { CliContext } from "../../context.ts";
import { parseDuration } from "../../text/duration.ts";

interface TokenCreateOptions {
  readonly name?: string;
  readonly ttl: string;
  readonly description?: string;
}

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .option("--ttl <duration>", "how long it is good: 30m, 24h, 7d; 0 for ever", "24h")
    .option("--description <text>", "what it is for")
    .action((options: TokenCreateOptions) => tokenCreate(context, options));
}

async function tokenCreate(context: CliContext, { name, ttl, description }: TokenCreateOptions): Promise<void> {
  const ttlMs = parseDuration(ttl, "--ttl");
  const token = createBootstrapToken();
  await withClusterClient(findKubeconfig(context, name), (client) =>
    writeBootstrapToken(client, token, {
      ...(ttlMs !== undefined && { ttlMs }),
      ...(description !== undefined && { description }),
      signal: context.signal,
    }),
  );
  context.out(`${token}\n`);
}
