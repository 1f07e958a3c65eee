// The first look at etcd: the earliest revision that can still be read, not too far back, and every key as it was then.

import { GrpcError, grpcCodes } from "#grpc";
import { type EtcdClient, everyKey } from "./etcd-client.ts";
import type { EtcdAnswer } from "./etcd-messages.ts";

export type KeyValue = EtcdAnswer<"KeyValue">;

export interface LoadedKeys {
  /** The revision of the state in `kvs`. */
  readonly revision: number;
  readonly kvs: readonly KeyValue[];
  /** The newest revision when it was asked for. */
  readonly newest: number;
}

/** How far back watches may resume after a start. */
const historyRevisions = 10_000;
const pageSize = 1000;

/** Reads all keys under a prefix such as "/registry/". */
export async function loadKeys(client: EtcdClient, prefix: string, signal?: AbortSignal): Promise<LoadedKeys> {
  for (;;) {
    signal?.throwIfAborted();
    const { header } = await client.range({ key: everyKey });
    const newest = header?.revision ?? 1;
    const revision = await findOldest(client, Math.max(1, newest - historyRevisions), newest);
    try {
      return { revision, newest, kvs: await readAll(client, prefix, revision, signal) };
    } catch (error) {
      // Compacted between the two: look again.
      if (!isCompacted(error)) throw error;
    }
  }
}

/** The smallest revision from `low` on that can be read. Etcd does not tell it, so halves are tried. */
async function findOldest(client: EtcdClient, low: number, newest: number): Promise<number> {
  let high = newest;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await isReadable(client, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function isReadable(client: EtcdClient, revision: number): Promise<boolean> {
  try {
    await client.range({ key: everyKey, revision });
    return true;
  } catch (error) {
    if (isCompacted(error)) return false;
    throw error;
  }
}

async function readAll(
  client: EtcdClient,
  prefix: string,
  revision: number,
  signal?: AbortSignal,
): Promise<KeyValue[]> {
  const rangeEnd = endOf(prefix);
  const all: KeyValue[] = [];
  for (let key: Uint8Array = Buffer.from(prefix); ; ) {
    signal?.throwIfAborted();
    const { kvs, more } = await client.range({ key, rangeEnd, revision, limit: pageSize });
    all.push(...kvs);
    const last = kvs.at(-1);
    if (!more || !last) return all;
    key = Buffer.concat([last.key, Buffer.of(0)]);
  }
}

/** The first key behind all that start so. */
function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1]!++;
  return end;
}

/** Etcd's answer to a question about a revision it no longer knows. */
export function isCompacted(error: unknown): boolean {
  return error instanceof GrpcError && error.code === grpcCodes.outOfRange && /compacted/.test(error.message);
}
