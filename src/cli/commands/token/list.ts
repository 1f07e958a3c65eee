// slipway token list

import type { Command } from "commander";
import { listBootstrapTokens, withClusterClient } from "#addons";
import { addNameOption } from "../../cluster.ts";
import { findKubeconfig } from "../../cluster-files.ts";
import type { CliContext } from "../../context.ts";
import { formatTable } from "../../text/table.ts";

interface TokenListOptions {
  readonly name?: string;
  readonly json?: boolean;
}

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .option("--json", "as JSON")
    .action((options: TokenListOptions) => tokenList(context, options));
}

/** Without the secret halves: whoever needs one makes one. */
async function tokenList(context: CliContext, { name, json }: TokenListOptions): Promise<void> {
  const found = await withClusterClient(findKubeconfig(context, name), (client) =>
    listBootstrapTokens(client, context.signal),
  );
  const tokens = found.map(({ token: _, ...shown }) => shown);
  if (json) return context.out(`${JSON.stringify(tokens, null, 2)}\n`);
  const rows = tokens.map(({ id, expiration, description }) => [id, expiration ?? "never", description ?? ""]);
  context.out(formatTable(["TOKEN", "ENDS", "DESCRIPTION"], rows));
}
