// One cluster's OpenTofu folder: its files written, OpenTofu run on them, its state read. Where the state is kept elsewhere it is
// fetched; a local one is read as it lies there, also where OpenTofu is not installed.

import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type Exec, inTurn, readFileIfExists, removeIfExists, UserError, writeFileAtomic } from "#shared";
import { parseChanges, type ResourceChange } from "./changes.ts";
import { renderDocument, type TofuFiles } from "./document.ts";
import { asObject } from "./json.ts";
import type { TofuMessage } from "./messages.ts";
import { findTofu } from "./program.ts";
import { runTofu, tofuEnvironment } from "./run.ts";
import { parseState, type TofuState } from "./state.ts";

export interface WorkspaceOptions {
  readonly folder: string;
  readonly exec: Exec;
  readonly credentialsHint: string;
  /** A folder of providers (`tofu providers mirror`) instead of the registry. */
  readonly mirror?: string;
}

export interface RunContext {
  readonly signal: AbortSignal;
  onMessage?(message: TofuMessage): void;
}

export interface Workspace {
  /** The state of nothing where nothing was ever made. */
  readState(signal: AbortSignal): Promise<TofuState>;
  /** The files as they lie there. */
  readFile(name: string): Promise<string | undefined>;
  /** Puts these files, and no others of ours, into the folder. */
  write(files: TofuFiles): Promise<void>;
  /** A file beside them that only its owner may read. */
  writeSecret(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** What these files would change. Changes nothing, neither there nor in the folder. */
  preview(files: TofuFiles, run: RunContext): Promise<readonly ResourceChange[]>;
  /** Makes what the folder's files say. */
  apply(run: RunContext): Promise<void>;
  /** Takes away everything the state knows of. */
  destroy(run: RunContext): Promise<void>;
}

const stateFile = "terraform.tfstate";
/** Where OpenTofu notes what backend it prepared the folder for. */
const backendFile = ".terraform/terraform.tfstate";
const localBackend = { terraform: { backend: { local: { path: stateFile } } } };
const lockFile = ".terraform.lock.hcl";
const planFile = "slipway.tfplan";
/** Where another one is at work, if only the rest of an earlier run of ours, it is waited for. */
const waitForLock = "-lock-timeout=120s";

export function openWorkspace(options: WorkspaceOptions): Workspace {
  const { folder } = options;
  const run = (args: readonly string[], context: RunContext) => tofu(options, folder, args, context);
  let isPrepared = false;
  /** Questions are asked side by side; the folder is prepared for them by the first one. */
  const prepare = ({ signal }: RunContext) =>
    inTurn(folder, async () => {
      if (isPrepared) return;
      // A state that is to be kept elsewhere from now on moves there.
      const moves = existsSync(join(folder, backendFile)) ? ["-migrate-state", "-force-copy"] : [];
      await init(options, folder, [...(await takeLockFile(options.mirror, folder)), ...moves], signal);
      isPrepared = true;
    });
  const readStateText = async (signal: AbortSignal) => {
    if ((await currentBackend(folder)) === "local") return (await readFileIfExists(join(folder, stateFile))) ?? "";
    await prepare({ signal });
    const { command, environment } = await programOf(options);
    const env = tofuEnvironment(environment);
    return (await options.exec([command, "state", "pull"], { cwd: folder, env, signal })).stdout;
  };
  return {
    readState: async (signal) => parseState(await readStateText(signal)),
    readFile: (name) => readFileIfExists(join(folder, name)),
    write: (files) =>
      inTurn(folder, () => {
        isPrepared = false;
        return writeFiles(folder, files);
      }),
    writeSecret: (name, text) => writeFileAtomic(join(folder, name), text, 0o600),
    remove: (name) => removeIfExists(join(folder, name)),
    preview: async (files, context) => preview(options, files, await readStateText(context.signal), context),
    async apply(context) {
      await prepare(context);
      try {
        await run(["plan", "-input=false", "-json", waitForLock, `-out=${planFile}`], { signal: context.signal });
        await run(["apply", "-input=false", "-json", waitForLock, planFile], context);
      } finally {
        // It holds every value, also the secret ones.
        await removeIfExists(join(folder, planFile));
        await closeState(folder);
      }
    },
    async destroy(context) {
      await prepare(context);
      await run(["destroy", "-auto-approve", "-input=false", "-json", waitForLock], context);
    },
  };
}

/** A state on this machine holds what machines were given, for as long as they are there. */
async function closeState(folder: string): Promise<void> {
  for (const name of [stateFile, `${stateFile}.backup`]) {
    if (existsSync(join(folder, name))) await chmod(join(folder, name), 0o600);
  }
}

/** Where the state is now: where OpenTofu last prepared the folder for, whatever the files say since; else where the files say. */
async function currentBackend(folder: string): Promise<string> {
  const prepared = asObject(JSON.parse((await readFileIfExists(join(folder, backendFile))) ?? "{}"));
  const preparedFor = asObject(prepared["backend"])["type"];
  if (typeof preparedFor === "string") return preparedFor;
  const written = asObject(JSON.parse((await readFileIfExists(join(folder, "terraform.tf.json"))) ?? "{}"));
  const [writtenType = "local"] = Object.keys(asObject(asObject(written["terraform"])["backend"]));
  return writtenType;
}

async function writeFiles(folder: string, files: TofuFiles): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, document] of Object.entries(files))
    await writeFileAtomic(join(folder, name), renderDocument(document));
  const others = (await readdir(folder)).filter((name) => name.endsWith(".tf.json") && !(name in files));
  for (const name of others) await removeIfExists(join(folder, name));
}

function init(options: WorkspaceOptions, folder: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return tofu(options, folder, ["init", "-input=false", "-no-color", ...args], { signal });
}

/** Providers that are part of a bundle are those whose checksums it holds, and no others. */
async function takeLockFile(from: string | undefined, folder: string): Promise<string[]> {
  if (from === undefined || !existsSync(join(from, lockFile))) return [];
  await copyFile(join(from, lockFile), join(folder, lockFile));
  return ["-lockfile=readonly"];
}

/** Plans in a folder of its own, against a copy of the state: where it is to be kept from now on it may not be yet. */
async function preview(
  options: WorkspaceOptions,
  files: TofuFiles,
  state: string,
  { signal }: RunContext,
): Promise<readonly ResourceChange[]> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-plan-"));
  try {
    await writeFiles(folder, files);
    await takeLockFile(options.folder, folder);
    await writeFileAtomic(join(folder, "override.tf.json"), JSON.stringify(localBackend));
    if (state !== "") await writeFileAtomic(join(folder, stateFile), state, 0o600);
    await init(options, folder, [], signal);
    await tofu(options, folder, ["plan", "-input=false", "-json", "-lock=false", `-out=${planFile}`], { signal });
    const { command, environment } = await programOf(options);
    const env = tofuEnvironment(environment);
    const { stdout } = await options.exec([command, "show", "-json", planFile], { cwd: folder, env, signal });
    return parseChanges(JSON.parse(stdout));
  } finally {
    await removeIfExists(folder);
  }
}

async function tofu(
  options: WorkspaceOptions,
  folder: string,
  args: readonly string[],
  { signal, onMessage }: RunContext,
): Promise<void> {
  const { command, environment } = await programOf(options);
  await runTofu({
    command,
    folder,
    args,
    output: join(folder, `${args[0]}.log`),
    signal,
    environment,
    credentialsHint: options.credentialsHint,
    ...(onMessage && { onMessage }),
  });
}

interface Program {
  readonly command: string;
  readonly environment: Record<string, string>;
}

const programs = new WeakMap<WorkspaceOptions, Promise<Program>>();

function programOf(options: WorkspaceOptions): Promise<Program> {
  const known = programs.get(options) ?? findProgram(options);
  programs.set(options, known);
  return known;
}

async function findProgram(options: WorkspaceOptions): Promise<Program> {
  const found = await findTofu(options.exec);
  if (found.program) return { command: found.program.command, environment: await providerSource(options) };
  const { message, hint } = found.problem;
  throw new UserError(`Cannot run OpenTofu: ${message}`, { hints: hint === undefined ? [] : [hint] });
}

/** Where providers come from: the mirror alone, else as the person has it, else the registry through a cache that clusters share. */
async function providerSource({ folder, mirror }: WorkspaceOptions): Promise<Record<string, string>> {
  if (mirror !== undefined) {
    const path = join(folder, "providers.tfrc");
    const source = `filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }`;
    await writeFileAtomic(path, `provider_installation {\n  ${source}\n}\n`);
    return { TF_CLI_CONFIG_FILE: path };
  }
  const own = [".tofurc", ".terraformrc"].some((name) => existsSync(join(homedir(), name)));
  if (own || process.env["TF_PLUGIN_CACHE_DIR"] || process.env["TF_CLI_CONFIG_FILE"]) return {};
  const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "slipway/tofu-providers");
  await mkdir(cache, { recursive: true });
  return { TF_PLUGIN_CACHE_DIR: cache };
}
