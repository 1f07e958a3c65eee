// Watch streams in protobuf: each event is a frame, its length in four bytes before it; in it the event's type and its object
// in an envelope.

import { collect } from "./codec.ts";
import { ProtobufError, ProtobufReader, wireBytes } from "./reader.ts";
import { message, tagOf } from "./value-codec.ts";

export interface WatchFrame {
  readonly type: string;
  /** The object in its envelope. */
  readonly object: Uint8Array;
}

/** A longer frame is refused: no object is that large. */
const largestFrame = 16 * 1024 * 1024;

/** One frame of a stream. `object` is an object in its envelope (encodeEnvelope). */
export function encodeWatchFrame(type: string, object: Uint8Array): Buffer {
  const event = collect((writer) => {
    rawExtension.write(writer, object as never);
    writer.writeVarint(tagOf(2, wireBytes));
    writer.writeString(type);
    writer.writeVarint(tagOf(1, wireBytes));
  });
  const frame = Buffer.allocUnsafe(4 + event.length);
  frame.writeUInt32BE(event.length, 0);
  event.copy(frame, 4);
  return frame;
}

/** Reads frames out of the chunks of a stream. Throws ProtobufError for a broken frame, also one cut off at the end. */
export async function* readWatchFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<WatchFrame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    for (let end = endOfFrame(pending); end !== undefined; end = endOfFrame(pending)) {
      yield decodeWatchEvent(pending.subarray(4, end));
      pending = pending.subarray(end);
    }
  }
  if (pending.length > 0) throw new ProtobufError("unexpected EOF");
}

function endOfFrame(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined;
  const length = bytes.readUInt32BE(0);
  if (length > largestFrame) throw new ProtobufError(`watch frame of ${length} bytes is too large`);
  return bytes.length < 4 + length ? undefined : 4 + length;
}

function decodeWatchEvent(bytes: Uint8Array): WatchFrame {
  const reader = new ProtobufReader(bytes);
  let type = "";
  let object: Uint8Array = new Uint8Array();
  while (reader.at < reader.end) {
    const tag = reader.readVarint();
    if (tag === tagOf(1, wireBytes)) type = reader.readString();
    else if (tag === tagOf(2, wireBytes)) object = rawExtension.read(reader) as Uint8Array;
    else reader.skip(tag & 7);
  }
  return { type, object };
}

const rawExtension = message<Uint8Array>(
  (reader) => {
    let raw: Uint8Array = new Uint8Array();
    while (reader.at < reader.end) {
      const tag = reader.readVarint();
      if (tag === tagOf(1, wireBytes)) raw = reader.readBytes();
      else reader.skip(tag & 7);
    }
    return raw;
  },
  (writer, raw) => {
    writer.writeBytes(raw);
    writer.writeVarint(tagOf(1, wireBytes));
  },
);
