// Writes records into a message, each name shortened to a pointer where it, or its end, stands in the message already.

import { parseIPSloppy } from "#kubernetes/api";
import type { DnsRecord } from "../records/record.ts";
import { labelsOf } from "./names.ts";
import { internetClass, longestMessage, ourUdpLength, recordTypes } from "./numbers.ts";

/** Pointers have fourteen bits. */
const farthestPointer = 0x3fff;
/** Of an OPT record without options. */
export const optionLength = 11;

export class MessageWriter {
  /** With room for one record too many. */
  readonly #bytes = Buffer.allocUnsafe(2 * longestMessage);
  /** Where the end of a name stands, by its text. */
  readonly #places = new Map<string, number>();
  #end = 0;

  get length(): number {
    return this.#end;
  }

  /** Begins with the head and question of the query, up to `end`. */
  begin(query: Buffer, end: number, labels: readonly string[]): void {
    this.#places.clear();
    this.#end = query.copy(this.#bytes, 0, 0, end);
    let offset = 12;
    for (const index of labels.keys()) {
      this.#note(labels.slice(index).join("."), offset);
      offset += query[offset]! + 1;
    }
  }

  /** Answers false, and leaves the message as it was, where it would become longer than the limit. */
  record(record: DnsRecord, limit: number): boolean {
    const start = this.#end;
    this.#name(record.name);
    this.#head(recordTypes[record.type], internetClass, record.ttl);
    const lengthAt = this.#end;
    this.#end += 2;
    this.#data(record);
    this.#bytes.writeUInt16BE(this.#end - lengthAt - 2, lengthAt);
    if (this.#end <= limit) return true;
    this.#end = start;
    return false;
  }

  /** The OPT record that answers a client's; `rcode` beyond four bits goes here. */
  option({ dnssec, rcode }: { readonly dnssec: boolean; readonly rcode: number }): void {
    this.#bytes[this.#end++] = 0;
    this.#head(recordTypes.OPT, ourUdpLength, ((rcode >> 4) << 24) | (dnssec ? 0x8000 : 0));
    this.#end = this.#bytes.writeUInt16BE(0, this.#end);
  }

  /** A copy of the message with its flags and counts. */
  finish(
    flags: number,
    counts: readonly [questions: number, answers: number, authorities: number, more: number],
  ): Buffer {
    this.#bytes.writeUInt16BE(flags, 2);
    for (const [index, count] of counts.entries()) this.#bytes.writeUInt16BE(count, 4 + 2 * index);
    return Buffer.from(this.#bytes.subarray(0, this.#end));
  }

  #head(type: number, ofClass: number, ttl: number): void {
    this.#end = this.#bytes.writeUInt16BE(type, this.#end);
    this.#end = this.#bytes.writeUInt16BE(ofClass, this.#end);
    this.#end = this.#bytes.writeUInt32BE(ttl >>> 0, this.#end);
  }

  #data(record: DnsRecord): void {
    switch (record.type) {
      case "A":
        for (const part of record.address.split(".")) this.#bytes[this.#end++] = Number(part);
        break;
      case "AAAA":
        this.#end += bytesOf(record.address).copy(this.#bytes, this.#end);
        break;
      case "CNAME":
      case "NS":
      case "PTR":
        this.#name(record.target);
        break;
      case "TXT":
        this.#text(record.text);
        break;
      case "SRV":
        for (const number of [record.priority, record.weight, record.port]) {
          this.#end = this.#bytes.writeUInt16BE(number, this.#end);
        }
        // RFC 2782: this name is not to be shortened.
        this.#wholeName(labelsOf(record.target));
        break;
      case "SOA":
        this.#name(record.nameServer);
        this.#name(record.mailbox);
        for (const number of [record.serial, record.refresh, record.retry, record.expire, record.minimum]) {
          this.#end = this.#bytes.writeUInt32BE(number, this.#end);
        }
    }
  }

  #text(text: string): void {
    const bytes = Buffer.from(text);
    for (let offset = 0; offset === 0 || offset < bytes.length; offset += 255) {
      const piece = bytes.subarray(offset, offset + 255);
      this.#bytes[this.#end++] = piece.length;
      this.#end += piece.copy(this.#bytes, this.#end);
    }
  }

  #name(name: string): void {
    const labels = labelsOf(name);
    for (const [index, label] of labels.entries()) {
      const rest = labels.slice(index).join(".");
      const place = this.#places.get(rest);
      if (place !== undefined) {
        this.#end = this.#bytes.writeUInt16BE(0xc000 | place, this.#end);
        return;
      }
      this.#note(rest, this.#end);
      this.#label(label);
    }
    this.#bytes[this.#end++] = 0;
  }

  #wholeName(labels: readonly string[]): void {
    for (const [index, label] of labels.entries()) {
      this.#note(labels.slice(index).join("."), this.#end);
      this.#label(label);
    }
    this.#bytes[this.#end++] = 0;
  }

  #label(label: string): void {
    const length = this.#bytes.write(label, this.#end + 1, 63, "latin1");
    this.#bytes[this.#end] = length;
    this.#end += length + 1;
  }

  #note(name: string, offset: number): void {
    if (offset <= farthestPointer && !this.#places.has(name)) this.#places.set(name, offset);
  }
}

/** The sixteen bytes of an IPv6 address; where it is none, of "::". */
function bytesOf(address: string): Buffer {
  const value = parseIPSloppy(address)?.value ?? 0n;
  return Buffer.from(value.toString(16).padStart(32, "0"), "hex");
}
