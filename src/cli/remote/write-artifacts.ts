// Writes what machines that set themselves up fetch into a folder, for a web server.

import { constants } from "node:fs";
import { chmod, copyFile, mkdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { listFetchedFiles } from "#bootstrap";
import { exitCodes, UserError } from "#shared";
import { listMachineNeeds, type PlanInput } from "#turnup";

export interface WrittenArtifact {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Each under its name, whole or not at all; of a bundle also its packages and images, in folders of theirs. What else lies in the folder
 * stays, since other versions' machines may fetch that.
 */
export async function writeArtifacts(
  input: PlanInput,
  folder: string,
  signal: AbortSignal,
): Promise<readonly WrittenArtifact[]> {
  if (!input.remote) {
    throw new UserError(`Cannot write what machines of ${input.config.name} fetch: they fetch nothing`, {
      hints: ["Its machines are this one's, or a cloud's own: slipway explains more with config explain bootstrap."],
      exitCode: exitCodes.config,
    });
  }
  const { artifacts: names } = await listMachineNeeds(input);
  const files = [];
  for (const name of names) files.push({ path: name, source: await input.artifacts.locate(name, { signal }) });
  files.push(...(await listFetchedFiles(input.artifacts)));
  const written: WrittenArtifact[] = [];
  for (const { path, source } of files) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    // A web server may be reading it.
    await copyFile(source, `${target}.new`, constants.COPYFILE_FICLONE);
    await chmod(`${target}.new`, 0o644);
    await rename(`${target}.new`, target);
    written.push({ name: path, bytes: (await stat(target)).size });
  }
  return written;
}
