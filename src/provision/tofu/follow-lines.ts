// Reads the lines of a file while another process writes it.

import { closeSync, type FSWatcher, openSync, readSync, watch } from "node:fs";
import { StringDecoder } from "node:string_decoder";

const chunkBytes = 64 * 1024;

/** Hands over each line once it is whole; the answer reads what is still to be read and stops. */
export function followLines(path: string, onLine: (line: string) => void): () => void {
  const file = openSync(path, "r");
  const decoder = new StringDecoder("utf8");
  const chunk = Buffer.alloc(chunkBytes);
  let rest = "";
  const read = () => {
    for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
      const lines = `${rest}${decoder.write(chunk.subarray(0, count))}`.split("\n");
      rest = lines.pop()!;
      for (const line of lines) onLine(line);
    }
  };
  const watcher = tryToWatch(path, read);
  return () => {
    watcher?.close();
    read();
    closeSync(file);
    if (rest !== "") onLine(rest);
  };
}

/** Where files cannot be watched, everything is read in the end. */
function tryToWatch(path: string, onChange: () => void): FSWatcher | undefined {
  try {
    return watch(path, onChange).on("error", () => {});
  } catch {
    return undefined;
  }
}
