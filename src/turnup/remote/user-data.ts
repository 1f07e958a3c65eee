// Machines that set themselves up at their first boot: which they are, and what each is given. A token of its own, good for an hour and
// gone as soon as the machine has joined, is all that is secret in it.

import { gzipSync } from "node:zlib";
import { deleteBootstrapToken, listBootstrapTokens, withClusterClient, writeBootstrapToken } from "#addons";
import {
  type BootstrapInput,
  createBootstrapToken,
  findBundledFetches,
  findMachineOrigins,
  hashDescription,
  renderCloudInit,
  thisPlatform,
} from "#bootstrap";
import type { ClusterConfig } from "#config";
import type { MachineSpec, Provider } from "#provision";
import { type Clock, exitCodes, UserError } from "#shared";
import type { PlanInput } from "../plan-input.ts";
import { bootstrapInput, remoteOf } from "./remote-cluster.ts";

/** Also what was given and nobody gets onto: a person has given it what `bootstrap --write` wrote. */
export function setsItselfUp(
  { config, remote }: PlanInput,
  { name, role }: Pick<MachineSpec, "name" | "role">,
): boolean {
  const given = remote?.machines;
  if (given) return given.some((machine) => machine.name === name && machine.access.kind === "none");
  return role === "worker" && config.bootstrap.workers === "user-data";
}

/** What machines are that nobody has seen yet. */
export function expectedPlatform({ bootstrap, infrastructure }: ClusterConfig): string {
  const { architecture } = bootstrap;
  if (architecture !== undefined) return `linux-${architecture}`;
  return infrastructure.provider === "nspawn" ? thisPlatform() : "linux-amd64";
}

/** The same whoever describes it, and whatever is known of the machine by then: its address is the machine's own to find. */
export function withoutAddress({ machine, ...input }: BootstrapInput): BootstrapInput {
  const { address: _, ...rest } = machine;
  return { ...input, machine: rest };
}

const tokenTtlMs = 60 * 60_000;

function tokenNote(machine: string): string {
  return `for the first boot of ${machine}`;
}

export interface UserDataContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Cloud-init's user data for the machine, whose token is made with it. Throws a UserError where it is more than the provider takes. */
export async function makeUserData(
  input: PlanInput,
  spec: MachineSpec,
  { signal, clock }: UserDataContext,
): Promise<string> {
  const platform = expectedPlatform(input.config);
  const known = withoutAddress(await bootstrapInput(input, spec, { platform, report: undefined, signal }));
  const token = createBootstrapToken();
  const text = await renderUserData(input, known, { token, signal });
  refuseLarge(input.provider, spec, text);
  await withClusterClient(input.paths.kubeconfig, (client) =>
    writeBootstrapToken(client, token, { ttlMs: tokenTtlMs, description: tokenNote(spec.name), clock, signal }),
  );
  return text;
}

/** The report on the machine will name the description as it is with the cluster's own token: by that it is compared later. */
export async function renderUserData(
  input: PlanInput,
  known: BootstrapInput,
  { token, signal }: { readonly token: string; readonly signal: AbortSignal },
): Promise<string> {
  const { distribution } = remoteOf(input);
  const named = await distribution.describeMachine(known);
  const description = await distribution.describeMachine({ ...known, token });
  const { artifacts: folderUrl } = input.config.bootstrap;
  const names = (description.artifacts ?? []).map(({ name }) => name);
  const origins = await findMachineOrigins(names, {
    source: input.artifacts,
    signal,
    ...(folderUrl !== undefined && { folderUrl }),
  });
  const bundled = await findBundledFetches(input.artifacts, folderUrl);
  const descriptionHash = hashDescription(named);
  return renderCloudInit(description, { compact: true, origin: (name) => origins.get(name), bundled, descriptionHash });
}

/** Throws a UserError where the provider takes less, or none. */
export function refuseLarge({ name, userData }: Provider, spec: MachineSpec, text: string): void {
  if (!userData) throw new UserError(`Cannot give ${spec.name} user data: provider ${name} gives machines none`);
  const bytes = userData.isPacked ? gzipSync(text, { level: 9 }).length : Buffer.byteLength(text);
  if (bytes <= userData.limitBytes) return;
  throw new UserError(
    `Cannot give ${spec.name} its user data: it has ${bytes} bytes${userData.isPacked ? ", packed" : ""}, and ${name} takes ${userData.limitBytes}`,
    {
      hints: [
        "Fewer or shorter labels, mirrors and files make it smaller. Or set it up over SSH: bootstrap.workers: ssh.",
      ],
      exitCode: exitCodes.config,
    },
  );
}

/** Nobody needs them any more. */
export async function deleteTokensOf(input: PlanInput, machine: string, signal: AbortSignal): Promise<void> {
  await withClusterClient(input.paths.kubeconfig, async (client) => {
    const tokens = await listBootstrapTokens(client, signal);
    for (const { id, description } of tokens) {
      if (description === tokenNote(machine)) await deleteBootstrapToken(client, id, signal);
    }
  });
}
