// What the cluster knows of its machines from whoever turned it up, not from the nodes themselves: their addresses, by which serving
// certificates are approved, and the labels they were given. A ConfigMap that nodes may not write.

import { isNotFound, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";

export interface MachineNote {
  readonly addresses: readonly string[];
  /** Absent until the node was labelled. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** Where the notes lie; one entry a machine. */
export const machineNotesName = { namespace: "kube-system", name: "slipway-machines" };

/** Writes down these machines, and leaves others as they are; undefined takes one out. */
export async function noteMachines(
  client: Client,
  notes: Readonly<Record<string, MachineNote | undefined>>,
  signal: AbortSignal,
): Promise<void> {
  const entries = Object.entries(notes).map(([name, note]) => [name, note ? JSON.stringify(note) : null]);
  const body = { data: Object.fromEntries(entries) as Record<string, string> };
  try {
    await client.patch(resources.configMaps, machineNotesName, { type: "merge", body }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const data = Object.fromEntries(Object.entries(body.data).filter(([, note]) => note !== null));
    await client.create(resources.configMaps, { metadata: machineNotesName, data }, { signal }).catch(async () => {
      // Two machines joined at once, and the other was first.
      await client.patch(resources.configMaps, machineNotesName, { type: "merge", body }, { signal });
    });
  }
}

/** All notes; none where nothing was ever written down. */
export async function readMachineNotes(client: Client, signal: AbortSignal): Promise<Map<string, MachineNote>> {
  try {
    const { data = {} } = await client.get(resources.configMaps, machineNotesName, { signal });
    return new Map(Object.entries(data).map(([name, note]) => [name, JSON.parse(note) as MachineNote]));
  } catch (error) {
    if (isNotFound(error)) return new Map();
    throw error;
  }
}
