// A process that writes to an embedded store until it is killed, and reports every acknowledged write on its standard output:
// `node crash-writer.ts FOLDER SEED`. Each line: revision, key, value ("-" for a delete).

import { writeSync } from "node:fs";
import { openEmbeddedStore } from "../embedded-store.ts";
import { objectOf } from "./objects.ts";
import { seededRandom } from "./random.ts";

const [folder = "", seed = "0"] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const store = await openEmbeddedStore({
  folder,
  log: { segmentBytes: 20_000, snapshotBytes: 60_000, historyBytes: 30_000 },
});
const collection = store.collection("/registry/pods/");
report(`${store.revision} opened -\n`);
await Promise.all(Array.from({ length: 8 }, (_, writer) => writeOn(`writer-${writer}`)));

/** Each writer has its own keys, so that every write is as expected. */
async function writeOn(writer: string): Promise<never> {
  for (;;) {
    const key = `${writer}/${random.below(6)}`;
    const there = await collection.get(key);
    const isDelete = there !== undefined && random.chance(0.2);
    const value = isDelete ? "-" : `${process.pid}-${random.below(1e9)}${"x".repeat(random.below(400))}`;
    const result = isDelete
      ? await collection.delete(key, there.revision)
      : await collection.put(key, objectOf(key, value), there?.revision ?? 0);
    if (result.written) report(`${result.stored.revision} ${key} ${value}\n`);
  }
}

/** Writes a line, synchronously: what was reported has left this process when the next line runs. */
function report(line: string): void {
  for (;;) {
    try {
      writeSync(1, line);
      return;
    } catch (error) {
      // The reader is slow.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
