// Tar archives of big files, piece by piece: written from files on disk, read from a stream. Plain files only.

import { createReadStream } from "node:fs";
import { blockSize, createTarHeader } from "../images/tar.ts";

export interface StreamedFile {
  readonly path: string;
  readonly size: number;
  /** The bytes, or the file on disk that holds them. */
  readonly content: Uint8Array | string;
}

/** The archive's bytes. Throws where a file is not as long as was said. */
export async function* writeTar(files: readonly StreamedFile[]): AsyncGenerator<Uint8Array> {
  for (const { path, size, content } of files) {
    yield createTarHeader(path, size, 0o644);
    let written = 0;
    for await (const chunk of typeof content === "string" ? createReadStream(content) : [content]) {
      written += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
    if (written !== size) throw new Error(`Cannot archive ${path}: it has ${written} bytes, not ${size}`);
    yield Buffer.alloc(paddingOf(size));
  }
  yield Buffer.alloc(2 * blockSize);
}

export interface TarMember {
  readonly path: string;
  readonly size: number;
  /** To be read before the next member is asked for; what is not read is skipped. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** An archive that is none, or ends too early. */
export class TarError extends Error {}

/** The plain files of an archive, in order. Throws TarError. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember> {
  const reader = createReader(source);
  for (;;) {
    const header = await reader.take(blockSize);
    if (header.every((byte) => byte === 0)) return;
    const { path, size, isFile } = parseHeader(header);
    let left = size;
    const body = async function* (): AsyncGenerator<Uint8Array> {
      while (left > 0) {
        const chunk = await reader.takeSome(left);
        left -= chunk.length;
        yield chunk;
      }
    };
    if (isFile) yield { path, size, body: body() };
    while (left > 0) left -= (await reader.takeSome(left)).length;
    await reader.take(paddingOf(size));
  }
}

function paddingOf(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function parseHeader(header: Buffer): { path: string; size: number; isFile: boolean } {
  if (header.toString("latin1", 257, 262) !== "ustar") throw new TarError("it is no tar archive");
  const text = (offset: number, length: number) =>
    header.toString("utf8", offset, offset + length).replace(/\0.*$/s, "");
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  if (Number.parseInt(text(148, 8), 8) !== sum) throw new TarError("a header in it is damaged");
  const prefix = text(345, 155);
  const path = `${prefix === "" ? "" : `${prefix}/`}${text(0, 100)}`;
  const type = text(156, 1);
  return { path, size: Number.parseInt(text(124, 12), 8), isFile: type === "0" || type === "" };
}

/** Takes bytes off a stream in the sizes that are wanted. */
function createReader(source: AsyncIterable<Uint8Array>) {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const takeSome = async (most: number): Promise<Buffer> => {
    while (rest.length === 0) {
      const next = await chunks.next();
      if (next.done) throw new TarError("it is cut short");
      rest = Buffer.from(next.value);
    }
    const taken = rest.subarray(0, most);
    rest = rest.subarray(taken.length);
    return taken;
  };
  const take = async (size: number): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for (let left = size; left > 0; ) {
      const part = await takeSome(left);
      left -= part.length;
      parts.push(part);
    }
    return Buffer.concat(parts);
  };
  return { take, takeSome };
}
