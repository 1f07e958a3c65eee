// Whether anything of a cluster runs on this machine, or on machines it has made: what `stop` ends, and `start` finds ended.

import { supervisorStatus } from "#bootstrap";
import { providerContext, wantedMachines } from "#turnup";
import { type ExistingCluster, isElsewhere, planInput } from "./cluster.ts";
import type { CliContext } from "./context.ts";

/** A supervisor, or of machines elsewhere any one that can be used. */
export async function runsHere(cluster: ExistingCluster, context: CliContext): Promise<boolean> {
  const { paths, config } = cluster;
  if (await supervisorStatus(paths.folder)) return true;
  const input = planInput(cluster, config, context);
  if (!isElsewhere(input)) return false;
  const place = providerContext(input, context.signal);
  const found = await Promise.all(wantedMachines(input).map((spec) => input.provider.findMachine(place, spec)));
  return found.some((machine) => machine !== undefined);
}
