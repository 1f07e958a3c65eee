// Where the last lines of a file begin, found from its end so that long logs cost no more than short ones.

import type { FileHandle } from "node:fs/promises";

const blockSize = 64 * 1024;

/** The offset at which the last `count` lines of the file begin; 0 where it has fewer. A last line without newline counts. */
export async function findTailStart(file: FileHandle, count: number): Promise<number> {
  const { size } = await file.stat();
  if (count <= 0) return size;
  const block = Buffer.allocUnsafe(blockSize);
  let wanted = count;
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - blockSize);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    for (let i = bytesRead - 1; i >= 0; i--) {
      // The newline at the very end closes the last line; it does not begin another.
      if (block[i] !== 0x0a || start + i === size - 1) continue;
      wanted--;
      if (wanted === 0) return start + i + 1;
    }
    end = start;
  }
  return 0;
}
