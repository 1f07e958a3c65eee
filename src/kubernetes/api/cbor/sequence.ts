// Watch streams in CBOR (application/cbor-seq): items one after another, each of which knows its own length.

import { CborError, decodeFirstCbor } from "./decode.ts";

/** A longer item is refused: no object is that large. */
const largestItem = 16 * 1024 * 1024;

/** Reads items out of the chunks of a stream. Throws CborError for a broken item, also one cut off at the end. */
export async function* readCborSequence(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    for (let item = firstOf(pending); item !== undefined; item = firstOf(pending)) {
      yield item.value;
      pending = pending.subarray(item.length);
    }
    if (pending.length > largestItem) throw new CborError(`cbor: item of more than ${largestItem} bytes`);
  }
  if (pending.length > 0) throw new CborError("unexpected EOF");
}

function firstOf(bytes: Buffer): ReturnType<typeof decodeFirstCbor> {
  return bytes.length === 0 ? undefined : decodeFirstCbor(bytes);
}
