// The Debian packages of a bundle as a repository that apt takes without a network: its own files, and the settings by which apt knows no
// other. Pure.

import { join } from "node:path";
import type { BundledArtifact } from "./bundle-index.ts";

/** Lists the packages of a repository, each with its file and digest. */
export const packagesFile = "Packages";

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

/** The repository's own files, to be written beside the packages. */
export function repositoryFiles(repository: string, artifacts: readonly BundledArtifact[]): Record<string, string> {
  return { [packagesFile]: renderPackagesIndex(artifacts), ...placeFiles(repository) };
}

/** Those of them that say where it is: it may be brought anywhere. */
export function placeFiles(repository: string): Record<string, string> {
  return { "sources.list": `deb [trusted=yes] file:${repository} ./\n`, "lists/partial/.keep": "" };
}

/** The files of packages that apt would read from the repository, as it prints them with --print-uris. */
export function findWantedFiles(output: string): string[] {
  return [...output.matchAll(/^'file:[^']*\/([^/']+)' /gm)].map(([, file]) => decodeURIComponent(file!));
}

/** apt's settings, as words of its command line. */
export function optionsOf(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ["-o", setting]);
}
