// Debian packages with all they depend on: fetched by apt into a folder, described from their own words, and offered to apt again as a
// repository that needs no network.

import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailedError, type Exec, exitCodes, UserError } from "#shared";
import type { BundledArtifact } from "./bundle-index.ts";
import type { LocalArtifact } from "./write-bundle.ts";

export interface FetchPackagesOptions {
  /** Emptied first. */
  readonly folder: string;
  readonly exec: Exec;
  readonly signal: AbortSignal;
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
  ];
  const argv = ["apt-get", "-q", "-y", "--no-install-recommends", "--download-only", ...optionsOf(settings), "install"];
  try {
    await exec([...argv, ...names], { signal, env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" } });
  } catch (cause) {
    if (!(cause instanceof CommandFailedError)) throw cause;
    throw cannotFetch(names, cause);
  }
  const files = (await readdir(join(folder, "archives"))).filter((file) => file.endsWith(".deb")).toSorted();
  return Promise.all(files.map((file) => describePackage(join(folder, "archives", file), options)));
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

/** Debian's short names that differ from SPDX's. */
const licences: Readonly<Record<string, string>> = {
  Expat: "MIT",
  "GPL-2": "GPL-2.0-only",
  "GPL-2+": "GPL-2.0-or-later",
  "GPL-3": "GPL-3.0-only",
  "GPL-3+": "GPL-3.0-or-later",
  "LGPL-2": "LGPL-2.0-only",
  "LGPL-2+": "LGPL-2.0-or-later",
  "LGPL-2.1": "LGPL-2.1-only",
  "LGPL-2.1+": "LGPL-2.1-or-later",
  "LGPL-3": "LGPL-3.0-only",
  "LGPL-3+": "LGPL-3.0-or-later",
  "BSD-2-clause": "BSD-2-Clause",
  "BSD-3-clause": "BSD-3-Clause",
  "Apache-2.0": "Apache-2.0",
  "Apache-2": "Apache-2.0",
  MIT: "MIT",
  ISC: "ISC",
  Zlib: "Zlib",
};

/** The licence of "Files: *" in a machine-readable copyright file. https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/ */
export function findLicence(copyright: string): string | undefined {
  const paragraph = copyright.split(/\n\s*\n/).find((text) => /^Files:\s*\*\s*$/m.test(text));
  const licence = fieldOf(paragraph ?? "", "License") ?? "";
  return Object.hasOwn(licences, licence) ? licences[licence] : undefined;
}

/** What apt calls a repository, of the packages in an unpacked bundle: the "Packages" file beside them. */
export function renderPackagesIndex(artifacts: readonly BundledArtifact[]): string {
  return artifacts
    .filter(({ kind, control }) => kind === "package" && control !== undefined)
    .map(({ control, file, size, digest }) =>
      [control, `Filename: ./${file.split("/").at(-1)}`, `Size: ${size}`, `SHA256: ${digest.slice(7)}`, ""].join("\n"),
    )
    .join("\n");
}

/** Settings by which apt knows this repository and no other; its lists lie beside it. To be given to update and to install. */
export function offlineAptOptions(repository: string): string[] {
  return optionsOf([
    `Dir::Etc::SourceList=${join(repository, "sources.list")}`,
    "Dir::Etc::SourceParts=-",
    `Dir::State::Lists=${join(repository, "lists")}`,
    "APT::Sandbox::User=root",
  ]);
}

/** The repository's own files, to be written beside the packages, wherever these are brought. Its folder may be anywhere. */
export function repositoryFiles(repository: string, artifacts: readonly BundledArtifact[]): Record<string, string> {
  return {
    Packages: renderPackagesIndex(artifacts),
    "sources.list": `deb [trusted=yes] file:${repository} ./\n`,
    "lists/partial/.keep": "",
  };
}

function optionsOf(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ["-o", setting]);
}
