// What stands in the way on this machine, looked at before anything is made; and the way out where containers cannot run at all.

import { checkPort } from "#bootstrap";
import { type ClusterConfig, isSimulatedCluster, simulate } from "#config";
import { checkForSimulation, chooseProvider, createLocalProvider, type Problem } from "#provision";
import { exitCodes, UserError } from "#shared";
import type { NamedCluster } from "./cluster.ts";
import { refuseChanges } from "./cluster-options.ts";
import type { CliContext } from "./context.ts";

export interface Surroundings {
  readonly config: ClusterConfig;
  /** What was decided for the person, in one line. */
  readonly notice?: string;
}

/**
 * The configuration as it can be had here, for a cluster of which what it is built on stays. Throws UserError naming every problem with
 * what to do about it.
 */
export async function fitConfig(
  context: CliContext,
  cluster: NamedCluster,
  config: ClusterConfig,
): Promise<Surroundings> {
  // What this machine lacks for another provider is beside the point where the cluster cannot have it. Locally it decides what is wanted.
  if (config.infrastructure.provider !== "local") refuseChanges(context, config);
  const found = await checkSurroundings(cluster, config);
  refuseChanges(context, found.config);
  return found;
}

async function checkSurroundings({ paths }: NamedCluster, config: ClusterConfig): Promise<Surroundings> {
  if (config.infrastructure.provider !== "local") {
    const signal = new AbortController().signal;
    refuse(config, await chooseProvider(config).check({ config, folder: paths.folder, machines: [], signal }));
    return { config };
  }
  const port = await checkPort(config, paths.controlPlaneOptions);
  if (port) throw port;
  if (isSimulatedCluster(config)) {
    refuse(config, checkForSimulation({ folder: paths.folder }));
    return { config };
  }
  const context = { config, folder: paths.folder, machines: [], signal: new AbortController().signal };
  const problems = await createLocalProvider().check(context);
  const unsupported = problems.find((problem) => problem.unsupported);
  if (!unsupported) {
    refuse(config, problems);
    return { config };
  }
  const simulated = simulate(config);
  refuse(simulated, checkForSimulation({ folder: paths.folder }));
  return { config: simulated, notice: `${unsupported.message}; so nodes are simulated, and pods only pretend to run` };
}

function refuse(config: ClusterConfig, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const [first] = problems;
  const what = problems.length === 1 ? first!.message : `${problems.length} problems`;
  const lines = problems.length === 1 ? [] : problems.map(({ message }) => `- ${message}`);
  throw new UserError(`Cannot turn up cluster ${config.name}: ${what}`, {
    hints: [...lines, ...problems.flatMap(({ hint }) => (hint === undefined ? [] : [hint]))],
    exitCode: exitCodes.host,
  });
}
