// Objects from a Kustomize folder: rendered by `kustomize build`, or where that is not installed by the one inside kubectl.

import { existsSync } from "node:fs";
import type { UnknownObject } from "#kubernetes/api";
import { type Exec, exitCodes, UserError } from "#shared";
import { readObjects } from "../apply/read-objects.ts";
import { explainFailure } from "./explain-failure.ts";
import { findTool } from "./find-tool.ts";

const oldestKustomize = "5.0";
/** Has Kustomize 5 inside. */
const oldestKubectl = "1.27";

/** Throws UserError where no tool is there, or where it refuses the folder. */
export async function renderKustomize(folder: string, exec: Exec, signal: AbortSignal): Promise<UnknownObject[]> {
  if (!existsSync(folder)) {
    throw new UserError(`Cannot read ${folder}: there is no such folder`, { exitCode: exitCodes.notFound });
  }
  const build = await findBuilder(exec, signal);
  try {
    const { stdout } = await exec([...build, folder], { signal });
    return readObjects(stdout, `what Kustomize makes of ${folder}`);
  } catch (error) {
    throw explainFailure(`Cannot build ${folder} with ${build.join(" ")}`, error);
  }
}

async function findBuilder(exec: Exec, signal: AbortSignal): Promise<readonly string[]> {
  const own = await findTool(exec, { argv: ["kustomize", "version"], oldest: oldestKustomize }, signal);
  if (own) return ["kustomize", "build"];
  const kubectl = ["kubectl", "version", "--client"];
  if (await findTool(exec, { argv: kubectl, oldest: oldestKubectl }, signal)) return ["kubectl", "kustomize"];
  throw new UserError("Cannot build a Kustomize folder: neither kustomize nor kubectl is installed", {
    hints: [`Install kustomize ${oldestKustomize} or newer, or kubectl ${oldestKubectl} or newer.`],
    exitCode: exitCodes.host,
  });
}
