// The kubeconfig of the person at the keyboard: which file it is, by kubectl's rules, and changing it under kubectl's lock. What was
// there before is noted in the cluster's folder, so that taking the cluster down restores the file to the byte where nobody else
// has changed it meanwhile.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { chown, mkdir, rm, rmdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readFileIfExists, takeLock, UserError, writeFileAtomic } from "#shared";
import { hasEntry, isEmpty, type KubeconfigDocument, mergeEntry, removeEntry } from "./merge.ts";
import type { KubeconfigEntry } from "./render-kubeconfig.ts";

export interface UserKubeconfig {
  readonly path: string;
  /** Who it should belong to, where that is not this process's user (sudo). */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** What a merge has changed, for taking it back. */
interface MergeNote {
  readonly path: string;
  /** The file as it was; null where there was none. */
  readonly before: string | null;
  readonly madeFolder: boolean;
  /** SHA-256 of the file as the merge left it. */
  readonly after: string;
}

/** $KUBECONFIG's first file that exists, else its last one; without it ~/.kube/config, under sudo that of who called sudo. */
export function findUserKubeconfig(environment: NodeJS.ProcessEnv = process.env, home = homedir()): UserKubeconfig {
  const listed = (environment["KUBECONFIG"] ?? "").split(":").filter((path) => path !== "");
  if (listed.length > 0) return { path: throughLinks(listed.find((path) => existsSync(path)) ?? listed.at(-1)!) };
  const caller = findSudoCaller(environment);
  if (!caller) return { path: throughLinks(join(home, ".kube", "config")) };
  return { path: throughLinks(join(caller.home, ".kube", "config")), owner: { uid: caller.uid, gid: caller.gid } };
}

/** The file itself where the path is a link, so that the link stays one. */
function throughLinks(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function findSudoCaller(environment: NodeJS.ProcessEnv): { uid: number; gid: number; home: string } | undefined {
  const { SUDO_UID: uid, SUDO_GID: gid } = environment;
  if (process.getuid?.() !== 0 || uid === undefined || gid === undefined || uid === "0") return undefined;
  const lines = existsSync("/etc/passwd") ? readFileSync("/etc/passwd", "utf8").split("\n") : [];
  const home = lines.map((line) => line.split(":")).find((fields) => fields[2] === uid)?.[5];
  return home ? { uid: Number(uid), gid: Number(gid), home } : undefined;
}

/** Whether the file holds just this entry under its name, as the current context. */
export async function isInKubeconfig({ path }: UserKubeconfig, entry: KubeconfigEntry): Promise<boolean> {
  const text = await readFileIfExists(path);
  return text !== undefined && hasEntry(await parse(path, text), entry);
}

/** Puts the entry into the file and makes its context current. `noteFile` is where the cluster remembers what was before. */
export async function mergeIntoKubeconfig(
  target: UserKubeconfig,
  entry: KubeconfigEntry,
  noteFile: string,
): Promise<void> {
  const { path, owner } = target;
  const madeFolder = !existsSync(dirname(path));
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  await withLock(path, async () => {
    const text = await readFileIfExists(path);
    const merged = await format(mergeEntry(text === undefined ? {} : await parse(path, text), entry));
    const earlier = await readNote(noteFile);
    const note: MergeNote = {
      path,
      before: await beforeMerge(earlier?.path === path ? earlier : undefined, path, text, entry.name),
      madeFolder: madeFolder || (earlier?.path === path && earlier.madeFolder),
      after: hash(merged),
    };
    await writeFileAtomic(noteFile, JSON.stringify(note), 0o600);
    await rewrite(path, merged, owner);
    if (owner && madeFolder) await chown(dirname(path), owner.uid, owner.gid);
  });
}

/** What the file held before the first merge; a later one (after a crash, or with another port) must not take our entry for that. */
async function beforeMerge(
  earlier: MergeNote | undefined,
  path: string,
  text: string | undefined,
  name: string,
): Promise<string | null> {
  if (text === undefined) return null;
  if (!earlier || text === earlier.before) return text;
  if (hash(text) === earlier.after) return earlier.before;
  // Others have changed the file since: what they wrote is kept.
  const previous = earlier.before === null ? undefined : (await parse(path, earlier.before))["current-context"];
  return format(removeEntry(await parse(path, text), name, previous));
}

/** Takes the entry out again. A file that only held it goes altogether, and so does a folder made for it. */
export async function removeFromKubeconfig(name: string, noteFile: string): Promise<void> {
  const note = await readNote(noteFile);
  if (!note) return;
  const { path, before, madeFolder, after } = note;
  if (existsSync(dirname(path))) {
    await withLock(path, async () => {
      const text = await readFileIfExists(path);
      if (text === undefined) return;
      const untouched = hash(text) === after;
      if (untouched && before !== null) return rewrite(path, before);
      const previous = before === null ? undefined : (await parse(path, before))["current-context"];
      const document = removeEntry(await parse(path, text), name, previous);
      if (before === null && isEmpty(document)) return rm(path);
      await rewrite(path, await format(document));
    });
    if (madeFolder) await rmdir(dirname(path)).catch(() => {});
  }
  await rm(noteFile, { force: true });
}

async function readNote(noteFile: string): Promise<MergeNote | undefined> {
  const text = await readFileIfExists(noteFile);
  return text === undefined ? undefined : (JSON.parse(text) as MergeNote);
}

async function parse(path: string, text: string): Promise<KubeconfigDocument> {
  const { load } = await import("js-yaml");
  try {
    return (text.trim() === "" ? {} : (load(text) ?? {})) as KubeconfigDocument;
  } catch (cause) {
    throw new UserError(`the kubeconfig ${path} is broken: ${(cause as Error).message.split("\n")[0]}`, {
      hints: [`Mend or move ${path}, or set KUBECONFIG to another file.`],
      cause,
    });
  }
}

async function format(document: KubeconfigDocument): Promise<string> {
  const { dump } = await import("js-yaml");
  return dump(document, { lineWidth: -1, noRefs: true });
}

/** Writes the file, keeping its mode and owner; a new one is for its owner's eyes only. */
async function rewrite(path: string, content: string, newOwner?: { uid: number; gid: number }): Promise<void> {
  const before = statSync(path, { throwIfNoEntry: false });
  await writeFileAtomic(path, content, (before?.mode ?? 0o600) & 0o777);
  const owner = before ?? newOwner;
  if (owner && process.getuid?.() === 0) await chown(path, owner.uid, owner.gid);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const lockAttempts = 200;
const lockRetryMs = 50;
/** kubectl's lock is an empty file, held for moments; one this old was left by a kubectl that was killed. */
const staleMs = 10_000;

/** Runs the action while nobody else, kubectl included, changes the file. */
async function withLock(path: string, action: () => Promise<unknown>): Promise<void> {
  const release = await lock(`${path}.lock`);
  try {
    await action();
  } finally {
    release();
  }
}

async function lock(path: string): Promise<() => void> {
  for (let attempt = 1; ; attempt++) {
    const held = statSync(path, { throwIfNoEntry: false });
    const ofKubectl = held !== undefined && held.size === 0 && Date.now() - held.mtimeMs < staleMs;
    try {
      if (!ofKubectl) return takeLock(path, "kubeconfig");
    } catch (error) {
      if (!(error instanceof UserError) || attempt >= lockAttempts) throw error;
    }
    if (attempt >= lockAttempts) {
      throw new UserError(`${path} is held by another program`, { hints: ["Remove it if no kubectl runs."] });
    }
    await new Promise((resolve) => setTimeout(resolve, lockRetryMs));
  }
}
