// The addresses and aliases in another server's answer, as records of our own: for what follows an alias of the cluster's.

import { formatIP } from "#kubernetes/api";
import type { DnsRecord } from "../records/record.ts";
import type { PlacedRecord } from "../wire/message-layout.ts";
import { readName } from "../wire/names.ts";
import { recordTypes } from "../wire/numbers.ts";
import type { CachedMessage } from "./answer-cache.ts";

export function readAddresses(message: CachedMessage): DnsRecord[] {
  const answers = message.layout.records.filter(({ section }) => section === "answer");
  return answers.map((record) => readRecord(record, message)).filter((record) => record !== undefined);
}

function readRecord(
  { type, start, ttl, dataAt, end }: PlacedRecord,
  { bytes, ageSeconds }: CachedMessage,
): DnsRecord | undefined {
  const common = { name: nameAt(bytes, start), ttl: Math.max(0, ttl - ageSeconds) };
  const number = () => BigInt(`0x${bytes.toString("hex", dataAt, end)}`);
  switch (type) {
    case recordTypes.CNAME:
      return { ...common, type: "CNAME", target: nameAt(bytes, dataAt) };
    case recordTypes.A:
      return end - dataAt === 4
        ? { ...common, type: "A", address: formatIP({ family: 4, value: number() }) }
        : undefined;
    case recordTypes.AAAA:
      if (end - dataAt !== 16) return undefined;
      return { ...common, type: "AAAA", address: formatIP({ family: 6, value: number() }) };
    default:
      return undefined;
  }
}

function nameAt(bytes: Buffer, offset: number): string {
  return readName(bytes, offset).labels.join(".");
}
