// The tree all machines of an image stand upon: made once with mmdebstrap and kept in a cache, by what it is made of. Never changed after.

import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { debianReleases } from "#config";
import { CommandFailedError, exitCodes, systemClock, tryTakeLock, UserError } from "#shared";
import type { Host } from "../host/host.ts";
import { type AptSource, fetchOptions, renderAptSources } from "./apt-sources.ts";
import { baseFiles, baseLinks, baseRemovals } from "./base-files.ts";
import { findAptSources } from "./find-apt-sources.ts";
import { cacheFolder } from "./paths.ts";

export interface Image {
  readonly image: string;
  readonly packages: readonly string[];
  readonly mirror?: string;
}

/** What every machine has, whatever it becomes. */
const basePackages = [
  ...["ca-certificates", "cloud-init", "curl", "dbus", "iproute2", "iputils-ping", "kmod", "openssh-server"],
  ...["procps", "sudo", "systemd", "systemd-sysv"],
];

interface Recipe {
  readonly release: string;
  readonly packages: readonly string[];
  readonly sources: readonly AptSource[];
}

/** The recipe, or undefined where this machine's sources tell nothing of Debian. */
export function findRecipe(host: Host, { image, packages, mirror }: Image): Recipe | undefined {
  const release = debianReleases[image as keyof typeof debianReleases];
  const sources =
    mirror === undefined ? findAptSources(host, release) : [{ uri: mirror, suite: release, components: ["main"] }];
  if (sources.length === 0) return undefined;
  return { release, packages: [...new Set([...basePackages, ...packages])].toSorted(), sources };
}

export interface BaseTreeOptions {
  readonly signal: AbortSignal;
  report?(detail: string): void;
}

/** The folder of the tree, made where it is not there yet. Two that want it at the same time make it once. */
export async function ensureBaseTree(host: Host, image: Image, options: BaseTreeOptions): Promise<string> {
  if (image.image.startsWith("/")) return image.image;
  const recipe = findRecipe(host, image);
  if (!recipe) throw new Error(`Cannot make ${image.image}: no source of its packages is known`);
  const tree = join(cacheFolder(), "machine-trees", `${image.image}-${hashOf(recipe)}`);
  mkdirSync(dirname(tree), { recursive: true });
  while (!isComplete(host, tree)) {
    const release = tryTakeLock(`${tree}.lock`, "make a machine's tree");
    if (!release) {
      await systemClock.sleep(waitMs, options.signal);
      continue;
    }
    try {
      if (!isComplete(host, tree)) await makeTree(host, tree, recipe, options);
    } finally {
      release();
    }
  }
  return tree;
}

const waitMs = 500;

/** The folder gets its name when all is in it. */
function isComplete(host: Host, tree: string): boolean {
  return host.inode(tree) !== undefined;
}

function hashOf(recipe: Recipe): string {
  const all = JSON.stringify([recipe, baseFiles, baseLinks, baseRemovals]);
  return createHash("sha256").update(all).digest("hex").slice(0, 16);
}

async function makeTree(host: Host, tree: string, recipe: Recipe, { signal, report }: BaseTreeOptions): Promise<void> {
  report?.(`making Debian ${recipe.release} with mmdebstrap, once (a minute or so)`);
  const part = `${tree}.part`;
  await rm(part, { recursive: true, force: true });
  const { stdout: aptConfig } = await host.exec(["apt-config", "dump"], { signal });
  const argv = [
    "mmdebstrap",
    "--quiet",
    "--variant=minbase",
    "--dpkgopt=force-unsafe-io",
    `--include=${recipe.packages.join(",")}`,
    ...fetchOptions(aptConfig).map((option) => `--aptopt=${option}`),
    ...["man", "locale", "doc", "info"].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    recipe.release,
    part,
    "-",
  ];
  try {
    await host.exec(argv, { signal, input: renderAptSources(recipe.sources) });
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error instanceof CommandFailedError ? cannotMake(recipe, error) : error;
  }
  finishTree(part);
  await rename(part, tree);
}

function cannotMake({ release }: Recipe, cause: CommandFailedError): UserError {
  const lines = cause.stderr.split("\n").filter((line) => /^E: /.test(line));
  return new UserError(`Cannot make a tree of Debian ${release}: ${lines[0]?.slice(3) ?? cause.message}`, {
    hints: [
      ...lines.slice(1, 5).map((line) => line.slice(3)),
      "Packages come from where this machine's come from (apt-get update must work here), or from infrastructure.mirror.",
    ],
    exitCode: exitCodes.provision,
    cause,
  });
}

function finishTree(tree: string): void {
  const keys = readdirSync(join(tree, "etc/ssh")).filter((name) => name.startsWith("ssh_host_"));
  for (const path of [...baseRemovals, ...keys.map((name) => `etc/ssh/${name}`)])
    rmSync(join(tree, path), { force: true });
  for (const { path, content, mode } of baseFiles) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
    chmodSync(join(tree, path), mode);
  }
  for (const [path, target] of Object.entries(baseLinks)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    rmSync(join(tree, path), { force: true });
    symlinkSync(target, join(tree, path));
  }
  // The journal outlives the machine's running: it can be read when the machine is off.
  mkdirSync(join(tree, "var/log/journal"), { recursive: true });
}
