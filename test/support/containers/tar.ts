// Writes ustar archives in memory: what the tests' images need, and no more (plain files, folders, links, short names).

export interface TarEntry {
  /** At most 100 bytes, without a leading slash. */
  readonly path: string;
  readonly type: "file" | "folder" | "symlink" | "hardlink";
  readonly mode?: number;
  readonly content?: Uint8Array;
  readonly target?: string;
}

/** The archive's bytes. Owners are root, times are zero: the same entries give the same bytes. */
export function writeTar(entries: readonly TarEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const content = entry.content ?? new Uint8Array();
    parts.push(headerOf(entry, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

const typeFlags: Readonly<Record<TarEntry["type"], string>> = { file: "0", hardlink: "1", symlink: "2", folder: "5" };

function headerOf(entry: TarEntry, size: number): Buffer {
  const header = Buffer.alloc(512);
  const mode = entry.mode ?? (entry.type === "folder" ? 0o755 : 0o644);
  header.write(entry.path, 0, 100, "utf8");
  header.write(octal(mode, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(size, 11), 124);
  header.write(octal(0, 11), 136);
  header.write("        ", 148);
  header.write(typeFlags[entry.type], 156);
  header.write(entry.target ?? "", 157, 100, "utf8");
  header.write("ustar\u000000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148, "latin1");
  return header;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
