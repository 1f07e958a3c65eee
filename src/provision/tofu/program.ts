// Finds OpenTofu, or Terraform, on this machine, and tells whether it is new enough.

import { CommandFailedError, type Exec } from "#shared";
import type { Problem } from "../provider.ts";

export interface TofuProgram {
  /** As it is started: "tofu". */
  readonly command: string;
  readonly version: string;
}

/** In the order they are looked for, with the oldest version that the files are for. */
const products = [
  { command: "tofu", name: "OpenTofu", oldest: "1.6.0" },
  { command: "terraform", name: "Terraform", oldest: "1.6.0" },
];
const installHint = "Install OpenTofu (https://opentofu.org/docs/intro/install), or name its program in SLIPWAY_TOFU.";

export type FoundTofu = { readonly program: TofuProgram } | { readonly program?: undefined; readonly problem: Problem };

/** $SLIPWAY_TOFU, else tofu, else terraform. */
export async function findTofu(exec: Exec, environment: NodeJS.ProcessEnv = process.env): Promise<FoundTofu> {
  const named = environment["SLIPWAY_TOFU"];
  const candidates = named ? [{ command: named, name: named, oldest: "1.6.0" }] : products;
  for (const { command, name, oldest } of candidates) {
    const version = await askVersion(exec, command);
    if (version === undefined) continue;
    if (isOlder(version, oldest)) {
      const message = `${name} ${version} is too old: ${oldest} or newer is wanted`;
      return { problem: { message, hint: installHint } };
    }
    return { program: { command, version } };
  }
  const missing = named ? `${named} (from SLIPWAY_TOFU) is not OpenTofu` : "neither tofu nor terraform is installed";
  return { problem: { message: missing, hint: installHint } };
}

/** Undefined where there is no such program, or it does not answer as OpenTofu does. */
async function askVersion(exec: Exec, command: string): Promise<string | undefined> {
  try {
    const { stdout } = await exec([command, "version", "-json"], { env: { CHECKPOINT_DISABLE: "1" } });
    const answer = JSON.parse(stdout) as { terraform_version?: unknown };
    return typeof answer.terraform_version === "string" ? answer.terraform_version : undefined;
  } catch (error) {
    if (error instanceof CommandFailedError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** By the numbers alone: a pre-release counts as its release. */
function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split("-")[0]!.split(".").map(Number);
  const [one, other] = [numbers(version), numbers(than)];
  const index = one.findIndex((number, at) => number !== (other[at] ?? 0));
  return index >= 0 && one[index]! < (other[index] ?? 0);
}
