// Sends big files to machines, packed where that saves time, each only where it is not there yet.

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { MachineConnection } from "#provision";

/** What is small goes as it is. */
const smallestPackedBytes = 64 * 1024;

/** Packed files by path, for as long as machines wait for them. */
const packed = new Map<string, { readonly bytes: Promise<Buffer>; users: number }>();

/** Puts the file at `path` on the machine, whole or not at all. */
export async function sendArtifact(
  connection: MachineConnection,
  file: string,
  place: { readonly path: string; readonly mode?: number; readonly signal: AbortSignal },
): Promise<void> {
  const { path, mode = 0o755, signal } = place;
  if (!(await isWorthPacking(file))) return connection.uploadFile(file, path, mode);
  const arriving = `${path}.new`;
  await withPacked(file, (bytes) => connection.writeFile(`${arriving}.gz`, bytes, mode));
  // gzip keeps the mode of what it unpacks.
  await connection.exec(["gzip", "-df", `${arriving}.gz`], { signal });
  await connection.exec(["mv", "-f", arriving, path], { signal });
}

/** Packed once for all who ask while one of them still needs it. */
async function withPacked(file: string, use: (bytes: Buffer) => Promise<void>): Promise<void> {
  const entry = packed.get(file) ?? { bytes: pack(file), users: 0 };
  packed.set(file, entry);
  entry.users++;
  try {
    await use(await entry.bytes);
  } finally {
    if (--entry.users === 0) packed.delete(file);
  }
}

/** The lowest level: it packs as fast as a disk reads, and better ones save little. */
async function pack(file: string): Promise<Buffer> {
  const gzip = createGzip({ level: 1 });
  const [bytes] = await Promise.all([buffer(gzip), pipeline(createReadStream(file), gzip)]);
  return bytes;
}

/** First bytes of files that are packed already: gzip, zstd, xz, and Debian's packages. */
const packedMarks = ["1f8b", "28b52ffd", "fd377a58", "213c6172"];

async function isWorthPacking(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer: start } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const mark = start.toString("hex");
    return size > smallestPackedBytes && !packedMarks.some((known) => mark.startsWith(known));
  } finally {
    await handle.close();
  }
}
