// addons.lock.json in a cluster's folder: the digest each file without a pinned one had when it was first read.

import { describeError, exitCodes, readFileIfExists, UserError, writeFileAtomic } from "#shared";

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

/** Throws UserError for a file that is none of these. */
async function readLock(path: string): Promise<LockFile> {
  const text = await readFileIfExists(path);
  if (text === undefined) return { artifacts: {} };
  try {
    return parseLock(JSON.parse(text));
  } catch (cause) {
    throw new UserError(`Cannot read ${path}: ${describeError(cause)}`, {
      hints: ["Mend it, or delete it: then files without a pinned digest count as not read yet."],
      exitCode: exitCodes.config,
      cause,
    });
  }
}

function parseLock(value: unknown): LockFile {
  const artifacts: unknown = (value as Partial<LockFile> | null)?.artifacts;
  const isWhole =
    typeof artifacts === "object" &&
    artifacts !== null &&
    Object.values(artifacts).every((digest) => typeof digest === "string");
  if (!isWhole) throw new Error("it has no digests by URL in `artifacts`");
  return { artifacts: artifacts as LockFile["artifacts"] };
}
