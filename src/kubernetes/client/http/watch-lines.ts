// Reads a watch's body: one JSON event per line, handed on in batches of all the lines that had arrived.

import type { WatchEvent } from "#kubernetes/api";

const newline = 0x0a;

/**
 * The events of a stream of chunks. Nothing more is read while the reader is busy, so a slow reader slows the server down
 * instead of filling memory. A line cut off at the end is dropped: the connection broke, and the reader will ask again.
 */
export async function* readWatchLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly WatchEvent[], void, undefined> {
  const lines = new LineBuffer();
  for await (const chunk of chunks) {
    const text = lines.push(chunk);
    if (text !== undefined) yield parseLines(text);
  }
}

/** One JSON.parse for all lines is faster than one each: the lines become the elements of an array. */
function parseLines(text: string): readonly WatchEvent[] {
  const lines = text.split("\n").filter((line) => line.length > 0);
  return JSON.parse(`[${lines.join(",")}]`) as readonly WatchEvent[];
}

/** Keeps the bytes after the last line's end until their line is whole. */
class LineBuffer {
  #rest: Uint8Array[] = [];

  /** The text of all whole lines so far, or undefined where there is none. */
  push(chunk: Uint8Array): string | undefined {
    const end = chunk.lastIndexOf(newline);
    if (end < 0) {
      this.#rest.push(chunk);
      return undefined;
    }
    // Cut at a newline, never inside a character: bytes of UTF-8 sequences are all above 0x7f.
    const whole = Buffer.concat([...this.#rest, chunk.subarray(0, end)]);
    this.#rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    return whole.length === 0 ? undefined : whole.toString("utf8");
  }
}
