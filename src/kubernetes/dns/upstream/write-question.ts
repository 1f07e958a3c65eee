// A question to another server, and whether a message answers it.

import { flags, headerLength, internetClass, ourUdpLength, recordTypes } from "../wire/numbers.ts";
import type { Message } from "./exchange.ts";

export interface UpstreamQuestion {
  readonly labels: readonly string[];
  readonly type: number;
  /** The client wants signatures; does not want them checked. */
  readonly dnssec: boolean;
  readonly checkingDisabled: boolean;
}

/** With an OPT record, so that answers need not be short. */
export function writeQuestion(id: number, question: UpstreamQuestion): Buffer {
  const name = writeName(question.labels);
  const bytes = Buffer.alloc(headerLength + name.length + 4 + 11);
  bytes.writeUInt16BE(id, 0);
  const wishes = question.checkingDisabled ? flags.checkingDisabled : 0;
  bytes.writeUInt16BE(flags.recursionDesired | flags.authenticData | wishes, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(1, 10);
  let offset = headerLength + name.copy(bytes, headerLength);
  offset = bytes.writeUInt16BE(question.type, offset);
  offset = bytes.writeUInt16BE(internetClass, offset);
  bytes.writeUInt16BE(recordTypes.OPT, offset + 1);
  bytes.writeUInt16BE(ourUdpLength, offset + 3);
  bytes.writeUInt32BE(question.dnssec ? 0x8000 : 0, offset + 5);
  return bytes;
}

export function writeName(labels: readonly string[]): Buffer {
  const parts = labels.flatMap((label) => {
    const text = Buffer.from(label.replaceAll("\\.", "."), "latin1");
    return [Buffer.of(text.length), text];
  });
  return Buffer.concat([...parts, Buffer.of(0)]);
}

/** The same id and question, whatever the case of its letters. */
export function answersQuestion({ bytes, layout }: Message, question: Buffer, questionEnd: number): boolean {
  if ((layout.flags & flags.response) === 0 || layout.id !== question.readUInt16BE(0)) return false;
  if (layout.questionEnd !== questionEnd) return false;
  const text = (from: Buffer) => from.toString("latin1", headerLength, questionEnd).toLowerCase();
  return text(bytes) === text(question);
}
