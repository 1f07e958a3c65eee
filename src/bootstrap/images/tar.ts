// Writes tar archives of a few small files: the two layers of wrapping of an OCI image. Big ones are written piece by piece
// (artifacts/tar-stream.ts).

export interface TarEntry {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

export const blockSize = 512;

/** A ustar archive; owner root, times zero, so that equal files give equal archives. */
export function createTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, content, mode }) => {
    const padding = Buffer.alloc((blockSize - (content.length % blockSize)) % blockSize);
    return [createTarHeader(path, content.length, mode), content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * blockSize)]);
}

/** The block before a file's content. */
export function createTarHeader(path: string, size: number, mode: number): Buffer {
  if (Buffer.byteLength(path) > 100)
    throw new Error(`Cannot put ${path} into a tar archive: the path is longer than 100 bytes`);
  const header = Buffer.alloc(blockSize);
  header.write(path, 0);
  writeOctal(header, mode, 100, 8);
  writeOctal(header, 0, 108, 8);
  writeOctal(header, 0, 116, 8);
  writeOctal(header, size, 124, 12);
  writeOctal(header, 0, 136, 12);
  header.write("        0", 148); // the checksum counts as blanks; then the type: a file
  header.write("ustar\u000000", 257);
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, "0")}\u0000 `, 148);
  return header;
}

function writeOctal(header: Buffer, value: number, offset: number, length: number): void {
  header.write(value.toString(8).padStart(length - 1, "0"), offset);
}
