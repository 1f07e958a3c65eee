// What machines that set themselves up fetch of a bundle besides programs: its packages and archives of images, from the folder on a web
// server that was filled from it. Where each lies there is known here only.

import { basename } from "node:path";
import { exitCodes, UserError } from "#shared";
import type { ArtifactSource, BundledFile } from "./artifact.ts";
import { packagesFile } from "./package-repository.ts";

export interface BundledFetches {
  readonly packages?: {
    /** Of the folder with the packages and their list. */
    readonly url: string;
    /** Of the list, which has the packages' own: "sha256:…". */
    readonly indexDigest: string;
    readonly release?: string;
  };
  readonly images: readonly FetchedFile[];
}

export interface FetchedFile {
  readonly name: string;
  readonly url: string;
  readonly digest: string;
}

/** Below the folder that machines fetch from. */
export const fetchedFolders = { packages: "packages", images: "images" } as const;

/** Undefined where there is no bundle. Throws a UserError where machines would have to ask the network. */
export async function findBundledFetches(
  source: ArtifactSource,
  folderUrl: string | undefined,
): Promise<BundledFetches | undefined> {
  if (source.isOnline) return undefined;
  if (folderUrl === undefined) throw lacksFolder();
  const repository = await source.packageRepository();
  const archives = await source.imageArchives();
  return {
    ...(repository && {
      packages: {
        url: `${folderUrl}/${fetchedFolders.packages}`,
        indexDigest: repository.indexDigest,
        ...(repository.release !== undefined && { release: repository.release }),
      },
    }),
    images: archives.map((archive) => describeImage(archive, folderUrl)),
  };
}

function describeImage({ path, digest }: BundledFile, folderUrl: string): FetchedFile {
  const name = basename(path);
  return { name, digest, url: `${folderUrl}/${fetchedFolders.images}/${encodeURIComponent(name)}` };
}

/** The files of a bundle as they are to lie below the folder: path there, file here. The packages' list is one of them. */
export async function listFetchedFiles(source: ArtifactSource): Promise<{ path: string; source: string }[]> {
  if (source.isOnline) return [];
  const repository = await source.packageRepository();
  const images = await source.imageArchives();
  const files = repository ? [packagesFile, ...repository.files] : [];
  return [
    ...files.map((file) => ({ path: `${fetchedFolders.packages}/${file}`, source: `${repository!.folder}/${file}` })),
    ...images.map(({ path }) => ({ path: `${fetchedFolders.images}/${basename(path)}`, source: path })),
  ];
}

function lacksFolder(): UserError {
  return new UserError("Cannot let machines set themselves up from a bundle: bootstrap.artifacts names no web server", {
    hints: [
      "`slipway bootstrap --artifacts FOLDER --bundle FILE` writes what they fetch: put that on a web server they reach, and its URL into bootstrap.artifacts.",
    ],
    exitCode: exitCodes.config,
  });
}
