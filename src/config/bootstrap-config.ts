// Section "bootstrap": how machines become nodes. Over a connection by whoever turns the cluster up, or by themselves at their first boot;
// and where the latter fetch what no user data can hold.

import { z } from "zod";
import type { ClusterConfig } from "./cluster-config.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { isManagedInfrastructure } from "./infrastructure/clouds.ts";

export const bootstrapSchema = z.strictObject({
  workers: z
    .enum(["ssh", "user-data"])
    .default("ssh")
    .describe(
      "How worker machines become nodes. ssh: over SSH, from where slipway runs. user-data: by themselves at their first boot, by cloud-init, from what their maker was given; nobody has to get onto them.",
    ),
  artifacts: z
    .url({ protocol: /^https?$/ })
    .refine((text) => !/[?#]/.test(text), "must have neither ? nor #")
    .transform((text) => text.replace(/\/+$/, ""))
    .optional()
    .describe(
      "Where machines that set themselves up fetch programs: the URL of a folder that `slipway bootstrap --artifacts FOLDER` has filled, on a web server they reach. What they fetch must have the digest it has here.",
    ),
  architecture: z
    .enum(["amd64", "arm64"])
    .optional()
    .describe(
      "What machines are that nobody has looked at yet: those that set themselves up, and those a bundle is made for. Default: amd64; with provider nspawn what this machine is.",
    ),
});

/** What the section cannot tell by itself: whether the provider's machines take user data, and whether they find what they need. */
export function checkBootstrap(config: Partial<ClusterConfig>): ConfigProblem[] {
  const { bootstrap, infrastructure, distribution } = config;
  if (bootstrap?.workers !== "user-data" || !infrastructure || !distribution) return [];
  const problem = (field: string, message: string): ConfigProblem => ({ path: ["bootstrap", field], message });
  const { provider } = infrastructure;
  if (isManagedInfrastructure(infrastructure)) {
    return [problem("workers", `must be left out with provider ${provider}, which makes the nodes itself`)];
  }
  if (provider === "local" || provider === "ssh") {
    return [problem("workers", `must be ssh with provider ${provider}: no machine of it boots for the first time`)];
  }
  const problems: ConfigProblem[] = [];
  if (distribution.type === "k3s") {
    problems.push(
      problem("workers", "must be ssh with distribution k3s: the token by which its agents join never ends"),
    );
  }
  if (provider === "gcp" && infrastructure.image.startsWith("debian-cloud/")) {
    const message =
      "must be one with cloud-init where bootstrap.workers is user-data, such as ubuntu-os-cloud/ubuntu-2404-lts-amd64: Debian's own on Google Cloud has none";
    problems.push({ path: ["infrastructure", "image"], message });
  }
  if (distribution.type === "slipway" && bootstrap.artifacts === undefined) {
    const message = "is required with workers: user-data, for machines to fetch slipway's programs from";
    problems.push(problem("artifacts", message));
  }
  return problems;
}
