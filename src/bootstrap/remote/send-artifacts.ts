// Sends big files to machines, packed where that saves time, each only where it is not there yet.

import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import type { MachineConnection } from "#provision";

/** What is small goes as it is. */
const smallestPackedBytes = 64 * 1024;

/** Packed files by path, for as long as several machines wait for them. */
const packed = new Map<string, Promise<Buffer>>();

/** Puts the file at `path` on the machine, whole or not at all. */
export async function sendArtifact(
  connection: MachineConnection,
  file: string,
  place: { readonly path: string; readonly mode?: number; readonly signal: AbortSignal },
): Promise<void> {
  const { path, mode = 0o755, signal } = place;
  if (!(await isWorthPacking(file))) return connection.writeFile(path, await readFile(file), mode);
  const arriving = `${path}.new`;
  await connection.writeFile(`${arriving}.gz`, await pack(file), mode);
  // gzip keeps the mode of what it unpacks.
  await connection.exec(["gzip", "-df", `${arriving}.gz`], { signal });
  await connection.exec(["mv", "-f", arriving, path], { signal });
}

/** Lets go of what was packed. */
export function forgetPacked(): void {
  packed.clear();
}

function pack(file: string): Promise<Buffer> {
  let bytes = packed.get(file);
  if (!bytes) {
    // The lowest level: it packs as fast as a disk reads, and better ones save little.
    bytes = buffer(createReadStream(file).pipe(createGzip({ level: 1 })));
    bytes.catch(() => packed.delete(file));
    packed.set(file, bytes);
  }
  return bytes;
}

/** First bytes of files that are packed already: gzip, zstd, xz. */
const packedMarks = ["1f8b", "28b52ffd", "fd377a58"];

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
