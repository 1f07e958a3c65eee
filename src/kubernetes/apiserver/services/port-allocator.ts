// Node ports for services: one object holds a bit for each port, in upstream's form, written with every port taken or given back.

import type { KubeObject } from "#kubernetes/api";
import type { Store } from "#kubernetes/store";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface PortAllocator {
  /** What `choose` takes is taken together, or nothing where it throws. It may be called again, so it must only choose. */
  run<T>(choose: (operation: PortOperation) => T, dryRun: boolean): Promise<T>;
  release(ports: readonly number[]): Promise<void>;
}

export interface PortOperation {
  /** Throws PortError where the port is taken, or not in the range (of which a dry run knows nothing, as upstream's). */
  take(port: number): void;
  /** A free port; in a dry run, one that stands for it. Throws where none is left. */
  takeNext(): number;
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
      const before = readBits((stored?.object as RangeAllocation | undefined)?.data ?? "", size);
      const bits = before.slice();
      const result = change(bits);
      if (dryRun || Buffer.compare(bits, before) === 0) return result;
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
    run(choose, dryRun) {
      return modify((bits) => choose(dryRun ? dryOperation(bits, range) : operationOn(bits, range)), dryRun);
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

function operationOn(bits: Uint8Array, range: PortRange): PortOperation {
  return {
    take: (port) => setWanted(bits, port, range),
    takeNext: () => range.first + setFree(bits, range.last - range.first + 1),
  };
}

/** Before the first port that a dry run makes up. */
const dryRunStart = 32_768;

function dryOperation(bits: Uint8Array, range: PortRange): PortOperation {
  const taken: number[] = [];
  return {
    take(port) {
      if (bits[port - range.first] || taken.includes(port)) throw new PortError(port, takenError);
      taken.push(port);
    },
    takeNext() {
      const port = (taken.length === 0 ? dryRunStart : Math.max(0, ...taken)) + 1;
      taken.push(port);
      return port;
    },
  };
}

const takenError = "provided port is already allocated";

function setWanted(bits: Uint8Array, port: number, range: PortRange): void {
  if (port < range.first || port > range.last) {
    throw new PortError(
      port,
      `provided port is not in the valid range. The range of valid ports is ${range.first}-${range.last}`,
    );
  }
  if (bits[port - range.first]) throw new PortError(port, takenError);
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
