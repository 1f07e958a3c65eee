// Every machine of a cluster as it can be written down for people who make and boot machines themselves: what it does, its description,
// and where it fetches what no description holds.

import {
  type ArtifactOrigin,
  type BundledFetches,
  findBundledFetches,
  findMachineOrigins,
  type MachineDescription,
  type MachineDuty,
} from "#bootstrap";
import type { MachineSpec } from "#provision";
import { type PlanInput, wantedMachines } from "../plan-input.ts";
import { type Endpoint, serverOf } from "./endpoint.ts";
import { bootstrapInput, readEndpoint, remoteOf } from "./remote-cluster.ts";
import { expectedPlatform } from "./user-data.ts";

export interface DescribedMachine {
  readonly spec: MachineSpec;
  /** Where it is known already. */
  readonly address?: string;
  readonly duty: MachineDuty;
  readonly description: MachineDescription;
  /** By the artifacts' names. */
  readonly origins: ReadonlyMap<string, ArtifactOrigin>;
  /** What it fetches of a bundle besides. */
  readonly bundled?: BundledFetches;
}

export interface DescribedMachines {
  /** As a URL. */
  readonly server: string;
  readonly machines: readonly DescribedMachine[];
}

/** Certificates and the token must have been made. Throws a UserError for what is not known yet: the API's address, a control plane's own. */
export async function describeMachines(input: PlanInput, signal: AbortSignal): Promise<DescribedMachines> {
  const endpoint: Endpoint = await readEndpoint(input, signal);
  const platform = expectedPlatform(input.config);
  const { artifacts: folderUrl } = input.config.bootstrap;
  const machines: DescribedMachine[] = [];
  for (const spec of wantedMachines(input)) {
    const bootstrap = await bootstrapInput(input, spec, { platform, report: undefined, signal });
    const description = await remoteOf(input).distribution.describeMachine(bootstrap);
    const names = (description.artifacts ?? []).map(({ name }) => name);
    const from = { source: input.artifacts, signal, ...(folderUrl !== undefined && { folderUrl }) };
    const origins = await findMachineOrigins(names, from);
    const bundled = await findBundledFetches(input.artifacts, folderUrl);
    const { name, role, pool } = spec;
    const { address } = bootstrap.machine;
    machines.push({
      spec: { name, role, pool },
      ...(address !== undefined && { address }),
      duty: bootstrap.duty,
      description,
      origins,
      ...(bundled && { bundled }),
    });
  }
  return { server: serverOf(endpoint), machines };
}
