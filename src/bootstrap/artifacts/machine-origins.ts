// Where machines that set themselves up fetch their artifacts: in the folder on a web server that the configuration names, else where they
// are published. Whatever the place, the digest is the one that is known here.

import { exitCodes, UserError } from "#shared";
import type { ArtifactOrigin, ArtifactSource } from "./artifact.ts";
import { findProgram } from "./catalogue.ts";
import { digestOfFile } from "./write-bundle.ts";

export interface MachineOriginsOptions {
  /** The folder's URL: each artifact lies there under its name. Absent: only what is published can be fetched. */
  readonly folderUrl?: string;
  readonly source: ArtifactSource;
  readonly signal: AbortSignal;
}

/** By the artifacts' names. Throws a UserError for one that machines could not fetch. */
export async function findMachineOrigins(
  names: readonly string[],
  { folderUrl, source, signal }: MachineOriginsOptions,
): Promise<ReadonlyMap<string, ArtifactOrigin>> {
  const origins = new Map<string, ArtifactOrigin>();
  for (const name of names) {
    const published = findProgram(name);
    if (folderUrl === undefined) {
      if (!published) throw isUnpublished(name);
      origins.set(name, published);
      continue;
    }
    const digest = published?.digest ?? (await digestOf(name, source, signal));
    const { kind, version } = published ?? { kind: "program", version: "" };
    origins.set(name, { name, kind, version, url: `${folderUrl}/${encodeURIComponent(name)}`, digest });
  }
  return origins;
}

/** The digests of one source's artifacts: machines are many, and need the same. */
const digests = new WeakMap<ArtifactSource, Map<string, Promise<string>>>();

function digestOf(name: string, source: ArtifactSource, signal: AbortSignal): Promise<string> {
  const known = digests.get(source) ?? new Map<string, Promise<string>>();
  digests.set(source, known);
  const find = async () => digestOfFile(await source.locate(name, { signal }), signal);
  const digest = known.get(name) ?? find();
  known.set(name, digest);
  digest.catch(() => known.delete(name));
  return digest;
}

function isUnpublished(name: string): UserError {
  return new UserError(`Cannot let machines fetch ${name}: it is not known where it is published`, {
    hints: [
      "`slipway bootstrap --artifacts FOLDER` writes what machines fetch: put that on a web server they reach, and its URL into bootstrap.artifacts.",
    ],
    exitCode: exitCodes.config,
  });
}
