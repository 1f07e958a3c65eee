// Where a cluster's artifacts come from, and what this installation has itself: its programs and the Node.js they run on.

import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type ArtifactOrigin,
  type ArtifactSource,
  createBundleSource,
  createNetworkSource,
  createTar,
  type OwnArtifacts,
  thisArchitecture,
} from "#bootstrap";
import { UserError, writeFileAtomic } from "#shared";
import type { ClusterPaths } from "#turnup";
import type { CliContext } from "../context.ts";
import { findOwnArtifact } from "../remote/own-programs.ts";
import { slipwayVersion } from "../version.ts";

/** The cluster's bundle, where it was given one; else the network. */
export function artifactSource(
  { bundle, downloads }: Pick<ClusterPaths, "bundle" | "downloads">,
  context: CliContext,
): ArtifactSource {
  const own = ownArtifacts(downloads, context);
  if (existsSync(bundle)) return createBundleSource(bundle, own);
  return createNetworkSource({ folder: downloads, own, fetch: context.fetch });
}

/** This program as one archive, and Node.js; for the platform that this machine is. */
export function ownOrigins(): readonly ArtifactOrigin[] {
  const platform = `linux-${thisArchitecture()}`;
  const node = process.version.slice(1);
  return [
    { name: `slipway-${slipwayVersion}`, kind: "program", version: slipwayVersion, licence: "Apache-2.0" },
    { name: `node-${node}-${platform}`, kind: "program", version: node, platform, licence: "MIT" },
  ];
}

export function ownArtifacts(folder: string, { programs }: Pick<CliContext, "programs">): OwnArtifacts {
  return async (name) => {
    const [slipway, node] = ownOrigins();
    if (name === node?.name && process.platform === "linux") return process.execPath;
    if (name !== slipway?.name) return findOwnArtifact(name);
    const file = join(folder, `${name}.tar`);
    await writeFileAtomic(file, await packProgram(programs.command()));
    return file;
  };
}

/** The folder the command runs from, but for what is only there to start it faster on this machine. */
async function packProgram(command: readonly string[]): Promise<Buffer> {
  const folder = join(command.at(-1)!, "..");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".cjs")).toSorted();
  if (!files.includes("slipway.cjs")) {
    throw new UserError("Cannot pack this program: it runs from its sources", {
      hints: ["Build it first: npm run build"],
    });
  }
  const entries = await Promise.all(
    files.map(async (file) => {
      const { mode } = await stat(join(folder, file));
      return { path: `slipway/${file}`, content: await readFile(join(folder, file)), mode: mode & 0o777 };
    }),
  );
  return createTar(entries);
}
