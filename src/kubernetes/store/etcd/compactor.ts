// Lets go of etcd's past: every five minutes, everything older than five minutes. Any number of API servers agree, as upstream's do
// and together with upstream's, on who does it, by a key that only one of them gets to write each time.

import { type Clock, describeError, type Logger } from "#shared";
import type { EtcdClient } from "./etcd-client.ts";
import { isCompacted } from "./load-keys.ts";

export interface CompactorOptions {
  readonly client: EtcdClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: five minutes, as upstream's --etcd-compaction-interval. */
  readonly intervalMs?: number;
  readonly signal: AbortSignal;
}

/** Where the revision to compact next time is kept: upstream's name. */
const compactKey = Buffer.from("compact_rev_key");

interface Round {
  /** How often the key has been written. */
  readonly time: number;
  /** The revision of then: up to it the past goes next time. */
  readonly revision: number;
}

/** Runs until the signal fires. */
export async function runCompactor({
  client,
  clock,
  logger,
  intervalMs = 5 * 60_000,
  signal,
}: CompactorOptions): Promise<void> {
  let round: Round = { time: 0, revision: 0 };
  while (!signal.aborted) {
    try {
      await clock.sleep(intervalMs, signal);
      round = await compactOnce(client, round);
    } catch (error) {
      if (!signal.aborted) logger.warn({ error: describeError(error) }, "etcd could not be compacted");
    }
  }
}

/** One round: whoever finds the key as it was the last time moves it on and compacts; the others learn of the new state. */
async function compactOnce(client: EtcdClient, { time, revision }: Round): Promise<Round> {
  const { succeeded, header, responses } = await client.txn({
    compare: [{ result: "EQUAL", target: "VERSION", key: compactKey, version: time }],
    success: [{ requestPut: { key: compactKey, value: Buffer.from(String(await newest(client))) } }],
    failure: [{ requestRange: { key: compactKey } }],
  });
  if (!succeeded) {
    return { time: responses[0]?.responseRange?.kvs[0]?.version ?? 0, revision: header?.revision ?? 0 };
  }
  if (revision > 0) await compact(client, revision);
  return { time: time + 1, revision: header?.revision ?? 0 };
}

async function newest(client: EtcdClient): Promise<number> {
  const { header } = await client.range({ key: compactKey });
  return header?.revision ?? 0;
}

async function compact(client: EtcdClient, revision: number): Promise<void> {
  try {
    await client.compact(revision);
  } catch (error) {
    if (!isCompacted(error)) throw error;
  }
}
