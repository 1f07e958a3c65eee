// What a distribution would be told of a machine before anything is there: names and authorities of the length that the true ones will
// have. By it one knows beforehand what machines will fetch, and how large their user data will be.

import { type BootstrapInput, createAuthority, createBootstrapToken, type MachineDescription } from "#bootstrap";
import type { MachineSpec } from "#provision";
import { type PlanInput, wantedMachines } from "../plan-input.ts";
import { remoteOf } from "./remote-cluster.ts";
import { expectedPlatform, refuseLarge, renderUserData, setsItselfUp, withoutAddress } from "./user-data.ts";

/** As long as a load balancer's name is at most. */
const longHost = `${"a".repeat(63)}.elb.eu-central-1.amazonaws.com`;
const someAddress = "255.255.255.254";

async function imagineInput(input: PlanInput, spec: MachineSpec): Promise<BootstrapInput> {
  const authority = await createAuthority("kubernetes");
  const withAddress = (machine: MachineSpec) => ({ ...machine, address: someAddress });
  return {
    config: input.config,
    machine: withAddress(spec),
    duty: spec.role === "worker" ? "join-worker" : "init",
    endpoint: { host: longHost, port: 65_535 },
    controlPlanes: wantedMachines(input)
      .filter(({ role }) => role === "control-plane")
      .map(withAddress),
    authorities: {
      kubernetes: authority,
      frontProxy: authority,
      etcd: authority,
      serviceAccounts: { key: authority.key, publicKey: authority.certificate },
    },
    token: createBootstrapToken(),
    platform: expectedPlatform(input.config),
  };
}

export interface MachineNeeds {
  /** By their names. */
  readonly artifacts: readonly string[];
  /** By Debian's names. */
  readonly packages: readonly string[];
}

/** What machines of the cluster are brought, or fetch. */
export async function listMachineNeeds(input: PlanInput): Promise<MachineNeeds> {
  const artifacts = new Set<string>();
  const packages = new Set<string>();
  for (const spec of oneOfEach(wantedMachines(input))) {
    const description: MachineDescription = await remoteOf(input).distribution.describeMachine(
      await imagineInput(input, spec),
    );
    for (const { name } of description.artifacts ?? []) artifacts.add(name);
    for (const name of description.packages ?? []) packages.add(name);
  }
  return { artifacts: [...artifacts].toSorted(), packages: [...packages].toSorted() };
}

/** Throws a UserError where machines could not set themselves up: what they need cannot be fetched, or told to them at all. Makes nothing. */
export async function checkUserData(input: PlanInput, signal: AbortSignal): Promise<void> {
  if (!input.remote) return;
  for (const spec of oneOfEach(wantedMachines(input).filter((machine) => setsItselfUp(input, machine)))) {
    const known = withoutAddress(await imagineInput(input, spec));
    refuseLarge(input.provider, spec, await renderUserData(input, known, { token: known.token, signal }));
  }
}

/** Machines of one pool are alike. */
function oneOfEach(machines: readonly MachineSpec[]): MachineSpec[] {
  return [...Map.groupBy(machines, ({ role, pool }) => `${role} ${pool}`).values()].map(([first]) => first!);
}
