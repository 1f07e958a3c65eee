// Frames of SPDY/3.1, as far as a client of container runtimes needs them: open streams with headers, send and receive data.
// Header blocks are sent uncompressed (as stored blocks of a zlib stream); those received say nothing of use and are skipped.

export type SpdyFrame =
  | { readonly type: "data"; readonly streamId: number; readonly data: Buffer; readonly isLast: boolean }
  | { readonly type: "reply"; readonly streamId: number; readonly isLast: boolean }
  | { readonly type: "reset"; readonly streamId: number; readonly status: number }
  | { readonly type: "ping"; readonly id: number }
  | { readonly type: "goaway" }
  | { readonly type: "other" };

const version = 3;
const types = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goaway: 7 } as const;
const leastLengths: Readonly<Record<number, number>> = { [types.synReply]: 4, [types.rstStream]: 8, [types.ping]: 4 };
const lastFlag = 1;
/** A frame's length has 24 bits. */
const longestFrame = 0xffffff;

/** Splits what comes over the wire into frames. */
export class SpdyFrameReader {
  #rest: Buffer = Buffer.alloc(0);

  *read(chunk: Buffer): Iterable<SpdyFrame> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (;;) {
      if (this.#rest.length < 8) return;
      const length = this.#rest.readUIntBE(5, 3);
      if (this.#rest.length < 8 + length) return;
      const head = this.#rest.subarray(0, 8);
      const body = this.#rest.subarray(8, 8 + length);
      this.#rest = this.#rest.subarray(8 + length);
      yield readFrame(head, body);
    }
  }
}

function readFrame(head: Buffer, body: Buffer): SpdyFrame {
  const first = head.readUInt32BE(0);
  const isLast = (head[4]! & lastFlag) !== 0;
  if (first < 0x80000000) return { type: "data", streamId: first, data: body, isLast };
  const type = first & 0xffff;
  // Too short to be what it says.
  if (body.length < (leastLengths[type] ?? 0)) return { type: "other" };
  switch (type) {
    case types.synReply:
      return { type: "reply", streamId: body.readUInt32BE(0) & 0x7fffffff, isLast };
    case types.rstStream:
      return { type: "reset", streamId: body.readUInt32BE(0) & 0x7fffffff, status: body.readUInt32BE(4) };
    case types.ping:
      return { type: "ping", id: body.readUInt32BE(0) };
    case types.goaway:
      return { type: "goaway" };
    default:
      return { type: "other" };
  }
}

/** The frames that carry so much data: more than one for what is too long for one. */
export function* dataFrames(streamId: number, data: Uint8Array): Generator<Buffer> {
  for (let start = 0; start < data.length; start += longestFrame) {
    yield dataFrame(streamId, data.subarray(start, start + longestFrame));
  }
}

export function dataFrame(streamId: number, data: Uint8Array, isLast = false): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(streamId, 0);
  head[4] = isLast ? lastFlag : 0;
  head.writeUIntBE(data.length, 5, 3);
  return Buffer.concat([head, data]);
}

export function pingFrame(id: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(id, 0);
  return controlFrame(types.ping, 0, body);
}

/** Opens streams; one for each connection, for its header blocks are parts of one zlib stream. */
export class SpdyStreamOpener {
  #isFirst = true;

  frame(streamId: number, headers: Readonly<Record<string, string>>): Buffer {
    const ids = Buffer.alloc(10);
    ids.writeUInt32BE(streamId, 0);
    const block = storedBlock(headerBlock(headers), this.#isFirst);
    this.#isFirst = false;
    return controlFrame(types.synStream, 0, Buffer.concat([ids, block]));
  }
}

function controlFrame(type: number, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE((0x80000000 | (version << 16) | type) >>> 0, 0);
  head[4] = flags;
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(headers);
  const count = Buffer.alloc(4);
  count.writeUInt32BE(entries.length, 0);
  return Buffer.concat([count, ...entries.flatMap(([name, value]) => [text(name.toLowerCase()), text(value)])]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length, 0);
  return Buffer.concat([length, bytes]);
}

/** zlib's header for a stream with a preset dictionary, and the checksum of SPDY/3's. */
const zlibHeader = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2]);

/** An empty block: readers (Go's among them) hand out what came before it only when they see it. */
const flush = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** A stored (not compressed) block. */
function storedBlock(bytes: Buffer, isFirst: boolean): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(~bytes.length & 0xffff, 3);
  return Buffer.concat([...(isFirst ? [zlibHeader] : []), head, bytes, flush]);
}
