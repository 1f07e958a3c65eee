// The image the test pods of verify run: busybox, packed from this host's static one, so that no registry is needed; or any image the
// person names that has busybox at /bin/busybox.

import { readFileSync } from "node:fs";
import { createImageArchive, thisArchitecture } from "#bootstrap";

export const testImageName = "slipway.dev/verify:1";

const candidates = ["/bin/busybox", "/usr/bin/busybox", "/usr/sbin/busybox"];

/** An archive with the host's busybox; undefined where it has none, or one that needs libraries. */
export function createTestImage(): Buffer | undefined {
  const program = candidates.map(readIfExists).find((content) => content !== undefined && isStatic(content));
  if (!program) return undefined;
  return createImageArchive({
    name: testImageName,
    architecture: thisArchitecture(),
    files: [{ path: "bin/busybox", content: program, mode: 0o755 }],
  });
}

function readIfExists(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

const interpreterHeader = 3;

/** An ELF file without a program header that names an interpreter. */
function isStatic(program: Buffer): boolean {
  if (program.readUInt32BE(0) !== 0x7f454c46) return false;
  const offset = Number(program.readBigUInt64LE(32));
  const size = program.readUInt16LE(54);
  const count = program.readUInt16LE(56);
  return Array.from({ length: count }, (_, index) => program.readUInt32LE(offset + index * size)).every(
    (type) => type !== interpreterHeader,
  );
}
