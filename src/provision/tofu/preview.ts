// What a cluster's files would change: as the cloud says it, or, where it cannot be asked, as far as the files and the state tell.

import { describeError } from "#shared";
import type { Difference } from "../provider.ts";
import { differenceOf, type ResourceChange, summarize } from "./changes.ts";
import type { Cloud, CloudMachine } from "./cloud.ts";
import { listResources, type TofuFiles } from "./document.ts";
import type { TofuState } from "./state.ts";
import type { Workspace } from "./workspace.ts";

export interface TofuPreview {
  readonly changes: readonly ResourceChange[];
  /** Why the cloud was not asked; undefined: it was, or there is nothing to ask it for. */
  readonly notAsked?: string;
}

export interface PreviewInput {
  readonly cloud: Cloud;
  readonly workspace: Workspace;
  readonly state: TofuState;
  readonly files: TofuFiles;
  readonly wished: readonly CloudMachine[];
  /** What was wished for last. */
  readonly stored: ReadonlyMap<string, CloudMachine>;
}

export async function previewCluster(input: PreviewInput, signal: AbortSignal): Promise<TofuPreview> {
  if (input.state.resources.length === 0) return { changes: compareFiles(input) };
  try {
    return { changes: await input.workspace.preview(input.files, { signal }) };
  } catch (error) {
    signal.throwIfAborted();
    return { changes: compareFiles(input), notAsked: describeError(error) };
  }
}

/** Without the cloud: what is not in the state is to be made; machines differ by what was wished for them. */
export function compareFiles({ cloud, state, files, wished, stored }: PreviewInput): ResourceChange[] {
  const made = new Set(state.resources.map(({ type, name }) => `${type}.${name}`));
  const machineResource = cloud.machine && `${cloud.machine.resource}.machine`;
  const declared = listResources(files);
  const shared = declared
    .filter((address) => address !== machineResource && !made.has(address))
    .map((address) => changeOf(address, "create", "is not there"));
  const gone = [...made].filter((address) => address !== machineResource && !declared.includes(address));
  return [
    ...shared,
    ...gone.map((address) => changeOf(address, "remove", "is no longer wanted")),
    ...(cloud.machine ? wished.flatMap((machine) => compareEntries({ cloud, state, machine, stored })) : []),
  ];
}

interface Entries extends Pick<PreviewInput, "cloud" | "state" | "stored"> {
  readonly machine: CloudMachine;
}

function compareEntries({ cloud, state, machine, stored }: Entries): ResourceChange[] {
  const { resource, replacedFor } = cloud.machine!;
  const found = state.resources.find(
    ({ type, name, key }) => `${type}.${name}` === `${resource}.machine` && key === machine.name,
  );
  const address = `${resource}.machine`;
  if (!found) return [changeOf(address, "create", "is not there", machine.name)];
  if (found.tainted) return [changeOf(address, "replace", "was not made to its end", machine.name)];
  const before = stored.get(machine.name);
  if (!before) return [];
  const names = (Object.keys({ ...before, ...machine }) as (keyof CloudMachine)[]).filter(
    (name) => name !== "userData" && before[name] !== machine[name],
  );
  if (names.length === 0) return [];
  const action = names.some((name) => replacedFor.includes(name)) ? "replace" : "in place";
  const reason = names.map((name) => `${name}: ${before[name]} → ${machine[name]}`).join(", ");
  return [changeOf(address, action, reason, machine.name)];
}

function changeOf(resource: string, action: ResourceChange["action"], reason: string, key?: string): ResourceChange {
  const [type, name] = resource.split(".") as [string, string];
  const address = key === undefined ? resource : `${resource}[${JSON.stringify(key)}]`;
  return { address, type, name, ...(key !== undefined && { key }), action, reason };
}

/** What a preview says of a machine, or of what the machines share. */
export function compareMachineIn({ changes }: TofuPreview, cloud: Cloud, machine: string): Difference | undefined {
  const own = changes.filter(({ key }) => key === machine);
  return differenceOf(own, cloud.machine?.resource ?? "");
}

export function compareNetworkIn({ changes }: TofuPreview, machines: ReadonlySet<string>): Difference | undefined {
  const shared = changes.filter(({ key }) => key === undefined || !machines.has(key));
  return shared.length === 0 ? undefined : { change: "in place", reason: summarize(shared) };
}
