// addons.lock.json in a cluster's folder: the digest each file without a pinned one had when it was first read.

import { readFileIfExists, writeFileAtomic } from "#shared";

interface LockFile {
  /** By URL: "sha256:…". */
  readonly artifacts: Readonly<Record<string, string>>;
}

export async function readLockedDigest(path: string, url: string): Promise<string | undefined> {
  return (await readLock(path)).artifacts[url];
}

/** Add-ons are read at the same time; each writes after the other, so that no line is lost. */
let lastWrite: Promise<void> = Promise.resolve();

export function noteDigest(path: string, url: string, digest: string): Promise<void> {
  const write = lastWrite.then(() => addLine(path, url, digest));
  lastWrite = write.catch(() => {});
  return write;
}

async function addLine(path: string, url: string, digest: string): Promise<void> {
  const { artifacts } = await readLock(path);
  const all = Object.entries({ ...artifacts, [url]: digest }).toSorted(([one], [other]) => (one < other ? -1 : 1));
  await writeFileAtomic(path, `${JSON.stringify({ artifacts: Object.fromEntries(all) }, null, 2)}\n`);
}

async function readLock(path: string): Promise<LockFile> {
  const text = await readFileIfExists(path);
  return text === undefined ? { artifacts: {} } : (JSON.parse(text) as LockFile);
}
