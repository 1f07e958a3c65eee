// slipway version

import type { Command } from "commander";
import { kubernetesVersion } from "#kubernetes/api";
import type { CliContext } from "../context.ts";
import { slipwayVersion } from "../version.ts";

export function define(command: Command, { out }: CliContext): void {
  command.option("--json", "as JSON").action(({ json }: { json?: boolean }) => {
    const versions = { slipway: slipwayVersion, kubernetes: kubernetesVersion, node: process.version };
    out(
      json
        ? `${JSON.stringify(versions)}\n`
        : `slipway ${slipwayVersion} (Kubernetes ${kubernetesVersion}, Node ${process.version})\n`,
    );
  });
}
