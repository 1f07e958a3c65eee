// Node ports for services: one object holds a bit for each port, in upstream's form, written with every port taken or given back.

import type { KubeObject } from "#kubernetes/api";
import type { Store } from "#kubernetes/store";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface PortAllocator {
  /** Takes the given ports and as many more as asked, all or none. Throws where one is taken, or none is left. */
  take(wanted: readonly number[], more: number, dryRun: boolean): Promise<number[]>;
  release(ports: readonly number[]): Promise<void>;
}

/** A port that is not in the range, or taken; the message is upstream's. */
export class PortError extends Error {
  override readonly name = "PortError";
  readonly port: number;

  constructor(port: number, message: string) {
    super(message);
    this.port = port;
  }
}

interface RangeAllocation extends KubeObject {
  range: string;
  data: string;
}

const prefix = "/registry/ranges/";
const key = "servicenodeports";

export function createPortAllocator(store: Store, range: PortRange): PortAllocator {
  const collection = store.collection(prefix);
  const size = range.last - range.first + 1;
  const text = `${range.first}-${range.last}`;

  /** Reads the bits, lets `change` alter them, and writes them unless another server has meanwhile. */
  const modify = async <T>(change: (bits: Uint8Array) => T, dryRun: boolean): Promise<T> => {
    let stored = await collection.get(key);
    for (;;) {
      const bits = readBits((stored?.object as RangeAllocation | undefined)?.data ?? "", size);
      const result = change(bits);
      if (dryRun) return result;
      const object: RangeAllocation = {
        apiVersion: "v1",
        kind: "RangeAllocation",
        metadata: {},
        range: text,
        data: writeBits(bits),
      };
      const written = await collection.put(key, object, stored?.revision ?? 0);
      if (written.written) return result;
      stored = written.current;
    }
  };
  return {
    take(wanted, more, dryRun) {
      if (wanted.length + more === 0) return Promise.resolve([]);
      return modify((bits) => {
        for (const port of wanted) setWanted(bits, port, range);
        const found = Array.from({ length: more }, () => setFree(bits, size));
        return [...wanted, ...found.map((offset) => range.first + offset)];
      }, dryRun);
    },
    async release(ports) {
      const known = ports.filter((port) => port >= range.first && port <= range.last);
      if (known.length === 0) return;
      await modify((bits) => {
        for (const port of known) bits[port - range.first] = 0;
      }, false);
    },
  };
}

function setWanted(bits: Uint8Array, port: number, range: PortRange): void {
  if (port < range.first || port > range.last) {
    throw new PortError(
      port,
      `provided port is not in the valid range. The range of valid ports is ${range.first}-${range.last}`,
    );
  }
  if (bits[port - range.first]) throw new PortError(port, "provided port is already allocated");
  bits[port - range.first] = 1;
}

function setFree(bits: Uint8Array, size: number): number {
  const start = Math.floor(Math.random() * size);
  for (let step = 0; step < size; step++) {
    const offset = (start + step) % size;
    if (bits[offset]) continue;
    bits[offset] = 1;
    return offset;
  }
  throw new Error("range is full");
}

/** Upstream keeps the bits as a big-endian number in base64: bit 0 is the range's first port. */
function readBits(data: string, size: number): Uint8Array {
  const bytes = Buffer.from(data, "base64");
  const bits = new Uint8Array(size);
  for (let offset = 0; offset < size; offset++) {
    const byte = bytes[bytes.length - 1 - (offset >> 3)];
    if (byte !== undefined) bits[offset] = (byte >> (offset & 7)) & 1;
  }
  return bits;
}

function writeBits(bits: Uint8Array): string {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  for (const [offset, bit] of bits.entries()) {
    if (bit) bytes[bytes.length - 1 - (offset >> 3)]! |= 1 << (offset & 7);
  }
  const start = bytes.findIndex((byte) => byte !== 0);
  return (start < 0 ? Buffer.alloc(0) : bytes.subarray(start)).toString("base64");
}
