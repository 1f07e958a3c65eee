// What machines that are elsewhere get of this installation: its bundles, and the Node.js it runs on. Each is an artifact whose name tells
// its content, so that a machine is brought a new one just when there is one.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type OwnProgram, thisPlatform } from "#bootstrap";
import { exitCodes, UserError } from "#shared";
import { slipwayVersion } from "../version.ts";

const files = ["process.cjs", "load.cjs", "machine.cjs", "control-plane.cjs", "agent.cjs"];

/** Where the bundles lie: beside this one, or where the build of the sources puts them. */
function bundleFolder(): string {
  const isSource = import.meta.filename.endsWith(".ts");
  return isSource ? join(import.meta.dirname, "../../../dist") : import.meta.dirname;
}

let listed: Promise<readonly OwnProgram[]> | undefined;

/** What runs on machines of a platform. Throws a UserError where this installation has no bundles. */
export async function listOwnPrograms(platform: string): Promise<readonly OwnProgram[]> {
  listed ??= Promise.all(files.map(describeFile));
  const node = { artifact: `node-${process.version.slice(1)}-${platform}`, file: "node" };
  return [node, ...(await listed)];
}

async function describeFile(file: string): Promise<OwnProgram> {
  const path = join(bundleFolder(), file);
  if (!existsSync(path)) {
    throw new UserError(`Cannot bring slipway to other machines: ${path} is not there`, {
      hints: ["Build it: npm run build"],
      exitCode: exitCodes.host,
    });
  }
  const digest = createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
  return { artifact: `slipway-${file.replace(/\.cjs$/, "")}-${slipwayVersion}-${digest.slice(0, 12)}`, file };
}

/** The file on this machine behind an artifact's name; undefined where it is none of this installation's. */
export async function findOwnArtifact(name: string): Promise<string | undefined> {
  if (!/^(slipway|node)-/.test(name)) return undefined;
  const platform = thisPlatform();
  const program = (await listOwnPrograms(platform)).find(({ artifact }) => artifact === name);
  if (!program) return undefined;
  return program.file === "node" ? process.execPath : join(bundleFolder(), program.file);
}
