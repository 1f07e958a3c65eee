// slipway get-clusters

import type { Command } from "commander";
import { listClusters, slipwayHome } from "#turnup";
import type { CliContext } from "../context.ts";

export function define(command: Command, context: CliContext): void {
  command.option("--json", "as JSON").action(({ json }: { json?: boolean }) => {
    const names = listClusters(slipwayHome(context.environment));
    if (json) return context.out(`${JSON.stringify(names)}\n`);
    if (names.length === 0) return context.err("No clusters here. Turn one up with `slipway up`.\n");
    context.out(names.map((name) => `${name}\n`).join(""));
  });
}
