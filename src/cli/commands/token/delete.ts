// slipway token delete

import type { Command } from "commander";
import { deleteBootstrapToken, withClusterClient } from "#addons";
import { exitCodes, UserError } from "#shared";
import { addNameOption } from "../../cluster.ts";
import { findKubeconfig } from "../../cluster-files.ts";
import type { CliContext } from "../../context.ts";

export function define(command: Command, context: CliContext): void {
  addNameOption(command)
    .argument("<token>", "the token, or its first six characters")
    .action((token: string, { name }: { name?: string }) => tokenDelete(context, token, name));
}

async function tokenDelete(context: CliContext, token: string, name?: string): Promise<void> {
  const id = token.split(".")[0]!;
  const wasThere = await withClusterClient(findKubeconfig(context, name), (client) =>
    deleteBootstrapToken(client, id, context.signal),
  );
  if (!wasThere) throw new UserError(`Cannot delete token ${id}: there is none`, { exitCode: exitCodes.notFound });
}
