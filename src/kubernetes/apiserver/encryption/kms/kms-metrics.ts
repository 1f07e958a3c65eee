// What upstream counts of encryption by KMS plug-ins (apiserver_envelope_encryption_…). Keys are named by their hashes.

import type { Clock } from "#shared";
import {
  type BucketCounts,
  createBuckets,
  type Exposition,
  type Labels,
  observeValue,
} from "../../metrics/exposition.ts";
import { hashOf } from "./encrypted-object.ts";

export type Direction = "from_storage" | "to_storage";

export interface KmsMetrics {
  noteKeyUse(direction: Direction, provider: string, keyID: string): void;
  noteStatusKey(provider: string, keyID: string): void;
  noteInvalidStatusKey(provider: string, error: string): void;
  noteCall(provider: string, method: string, code: string, seconds: number): void;
  noteSeeds(provider: string, count: number): void;
  /** A seed had to be asked for. */
  noteMiss(): void;
  write(exposition: Exposition): void;
}

interface KeyUse {
  readonly labels: Labels;
  count: number;
  lastSeconds: number;
}

/** Of keys that rotate, no more than so many are shown: the oldest are dropped. */
const mostKeys = 100;
/** From 0.1 ms to 52 s. */
const latencyBounds = Array.from({ length: 20 }, (_, power) => Number((0.0001 * 2 ** power).toPrecision(7)));

export function createKmsMetrics(apiServerId: string, clock: Clock): KmsMetrics {
  const server = { apiserver_id_hash: hashOf(apiServerId) };
  const uses = new Map<string, KeyUse>();
  const statusKeys = new Map<string, KeyUse>();
  const invalid = new Map<string, { readonly labels: Labels; count: number }>();
  const calls = new Map<string, { readonly labels: Labels; readonly durations: BucketCounts }>();
  const seeds = new Map<string, number>();
  let misses = 0;
  const note = (known: Map<string, KeyUse>, key: string, labelsOf: () => Labels) => {
    const use = known.get(key) ?? { labels: labelsOf(), count: 0, lastSeconds: 0 };
    use.count++;
    use.lastSeconds = clock.now() / 1000;
    if (known.size >= mostKeys && !known.has(key)) known.delete(known.keys().next().value!);
    known.set(key, use);
  };
  return {
    noteKeyUse: (direction, provider, keyID) =>
      note(uses, `${direction} ${provider} ${keyID}`, () => {
        const key = { key_id_hash: hashOf(keyID), provider_name: provider };
        return { ...server, ...key, transformation_type: direction };
      }),
    noteStatusKey: (provider, keyID) =>
      note(statusKeys, `${provider} ${keyID}`, () => {
        return { ...server, key_id_hash: hashOf(keyID), provider_name: provider };
      }),
    noteInvalidStatusKey(provider, error) {
      const key = `${provider} ${error}`;
      const known = invalid.get(key) ?? { labels: { error, provider_name: provider }, count: 0 };
      known.count++;
      invalid.set(key, known);
    },
    noteCall(provider, method, code, seconds) {
      const key = `${provider} ${method} ${code}`;
      const labels = { grpc_status_code: code, method_name: method, provider_name: provider };
      const known = calls.get(key) ?? { labels, durations: createBuckets(latencyBounds) };
      calls.set(key, known);
      observeValue(known.durations, seconds);
    },
    noteSeeds: (provider, count) => void seeds.set(provider, count),
    noteMiss: () => void misses++,
    write(exposition) {
      const envelope = (name: string) => `apiserver_envelope_encryption_${name}`;
      const all = [...uses.values()];
      const gauges = (name: string, help: string, known: Iterable<KeyUse>) =>
        exposition.series(
          envelope(name),
          "gauge",
          help,
          [...known].map(({ labels, lastSeconds }) => [labels, lastSeconds]),
        );
      exposition.series(
        envelope("key_id_hash_total"),
        "counter",
        "How often a key was used, by direction and plug-in.",
        all.map(({ labels, count }) => [labels, count]),
      );
      gauges("key_id_hash_last_timestamp_seconds", "When a key was last used.", all);
      gauges(
        "key_id_hash_status_last_timestamp_seconds",
        "When a plug-in last named a key as its current one.",
        statusKeys.values(),
      );
      exposition.series(
        envelope("invalid_key_id_from_status_total"),
        "counter",
        "How often a plug-in named a key that none can be called.",
        [...invalid.values()].map(({ labels, count }) => [labels, count]),
      );
      exposition.series(
        envelope("dek_source_cache_size"),
        "gauge",
        "Seeds of keys in memory, by plug-in.",
        [...seeds].map(([provider, count]) => [{ provider_name: provider }, count]),
      );
      const latency = envelope("kms_operations_latency_seconds");
      exposition.metric(latency, "histogram", "How long calls to plug-ins took, by how they ended.");
      for (const { labels, durations } of calls.values()) exposition.histogram(latency, labels, durations);
      exposition.series(
        "apiserver_storage_envelope_transformation_cache_misses_total",
        "counter",
        "Seeds that had to be asked for.",
        [[{}, misses]],
      );
    },
  };
}
