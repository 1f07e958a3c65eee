// Debian packages with all they depend on: fetched by apt into a folder, of this machine's release or of another, and described from
// their own words.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailedError, type Exec, exitCodes, UserError } from "#shared";
import { findLicence } from "./licences.ts";
import { optionsOf } from "./package-repository.ts";
import type { LocalArtifact } from "./write-bundle.ts";

export interface FetchPackagesOptions {
  /** Emptied first. */
  readonly folder: string;
  readonly exec: Exec;
  readonly signal: AbortSignal;
  /** Absent: those of this machine, from where its own come from. */
  readonly system?: PackageSystem;
}

/** What packages are for, where that is not this machine. */
export interface PackageSystem {
  /** "arm64", as Debian has it. */
  readonly architecture: string;
  /** Lines of apt's sources.list. */
  readonly sources: string;
}

/** The packages and, as for a machine that has nothing, everything below them. Throws UserError where apt cannot bring one. */
export async function fetchPackages(names: readonly string[], options: FetchPackagesOptions): Promise<LocalArtifact[]> {
  const { folder, exec, signal } = options;
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "archives/partial"), { recursive: true });
  // Nothing is installed, as far as this apt knows.
  await writeFile(join(folder, "status"), "");
  const settings = [
    `Dir::State::status=${join(folder, "status")}`,
    `Dir::Cache::archives=${join(folder, "archives")}`,
    "Debug::NoLocking=1",
    "APT::Sandbox::User=root",
    ...(await describeSystem(options)),
  ];
  const run = (...words: readonly string[]) =>
    exec(["apt-get", "-q", "-y", ...optionsOf(settings), ...words], {
      signal,
      env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" },
    });
  try {
    if (options.system) await run("update");
    await run("--no-install-recommends", "--download-only", "install", ...names);
  } catch (cause) {
    if (!(cause instanceof CommandFailedError)) throw cause;
    throw cannotFetch(names, cause);
  }
  const files = (await readdir(join(folder, "archives"))).filter((file) => file.endsWith(".deb")).toSorted();
  return Promise.all(files.map((file) => describePackage(join(folder, "archives", file), options)));
}

/** Settings by which apt is another machine's; its lists lie in the folder. */
async function describeSystem({ folder, system }: FetchPackagesOptions): Promise<string[]> {
  if (!system) return [];
  const { architecture, sources } = system;
  await mkdir(join(folder, "lists/partial"), { recursive: true });
  await writeFile(join(folder, "sources.list"), sources);
  return [
    `Dir::Etc::SourceList=${join(folder, "sources.list")}`,
    "Dir::Etc::SourceParts=-",
    `Dir::State::Lists=${join(folder, "lists")}`,
    `Dir::Cache::pkgcache=`,
    `Dir::Cache::srcpkgcache=`,
    `APT::Architecture=${architecture}`,
    `APT::Architectures=${architecture}`,
  ];
}

function cannotFetch(names: readonly string[], cause: CommandFailedError): UserError {
  const reason = cause.stderr.split("\n").find((line) => line.startsWith("E: "));
  const why = cause.code === undefined ? "there is no apt here" : (reason?.slice(3) ?? cause.message);
  return new UserError(`Cannot fetch packages ${names.join(", ")}: ${why}`, {
    hints: ["Make the bundle on a machine with the same Debian or Ubuntu as the cluster's, after `apt-get update`."],
    exitCode: exitCodes.host,
    cause,
  });
}

async function describePackage(file: string, { exec, signal }: FetchPackagesOptions): Promise<LocalArtifact> {
  const { stdout } = await exec(["dpkg-deb", "--field", file], { signal });
  const name = fieldOf(stdout, "Package") ?? "";
  const architecture = fieldOf(stdout, "Architecture");
  const licence = await readLicence(file, name, { exec, signal });
  return {
    name,
    kind: "package",
    version: fieldOf(stdout, "Version") ?? "",
    ...(architecture !== "all" && { platform: `linux-${architecture}` }),
    ...(licence !== undefined && { licence }),
    control: stdout.trimEnd(),
    source: file,
  };
}

/** A field of a control paragraph, without the lines that go on. */
function fieldOf(control: string, field: string): string | undefined {
  return new RegExp(`^${field}: *(.*)$`, "m").exec(control)?.[1];
}

/** The licence that the package's copyright file gives for all its files, where that is one of SPDX's. */
async function readLicence(
  file: string,
  name: string,
  { exec, signal }: Pick<FetchPackagesOptions, "exec" | "signal">,
): Promise<string | undefined> {
  const folder = `${file}.unpacked`;
  try {
    await exec(["dpkg-deb", "--extract", file, folder], { signal });
    return findLicence(await readFile(join(folder, "usr/share/doc", name, "copyright"), "utf8"));
  } catch {
    signal.throwIfAborted();
    // Some packages share another's file.
    return undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
