// What stands in the way of machines that boot on this host, also the programs that are missing: nobody installs them.

import { join } from "node:path";
import type { Infrastructure } from "#config";
import { type CheckTarget, checkThisMachine } from "../host/check.ts";
import type { Host } from "../host/host.ts";
import type { Problem } from "../provider.ts";
import { findRecipe } from "./base-tree.ts";

type NspawnInfrastructure = Extract<Infrastructure, { provider: "nspawn" }>;

/** Debian's names of the packages that bring what is missing. */
function missingPackages(host: Host, infrastructure: NspawnInfrastructure): string[] {
  const isTree = infrastructure.image.startsWith("/");
  const needed: Readonly<Record<string, string>> = {
    "systemd-nspawn": "systemd-container",
    ssh: "openssh-client",
    "ssh-keygen": "openssh-client",
    nft: "nftables",
    ip: "iproute2",
    ...(isTree ? {} : { mmdebstrap: "mmdebstrap" }),
  };
  const folders = (process.env["PATH"] ?? "").split(":").concat("/usr/sbin", "/usr/bin", "/sbin", "/bin");
  const missing = Object.entries(needed).filter(([program]) =>
    folders.every((folder) => host.inode(join(folder, program)) === undefined),
  );
  return [...new Set(missing.map(([, name]) => name))];
}

export function checkForNspawn(
  host: Host,
  target: CheckTarget & { readonly infrastructure: NspawnInfrastructure },
): readonly Problem[] {
  const { infrastructure, folder } = target;
  // Nodes are not simulated instead: whoever wants machines that boot wants just these.
  const problems = checkThisMachine(host, target).map(({ message, hint }): Problem => {
    const text = hint?.replace(
      /,? or (use|with) --simulated|Nodes can be simulated here: --simulated|Use --simulated/,
      "",
    );
    return { message, ...(text !== undefined && text !== "." && { hint: text }) };
  });
  const missing = missingPackages(host, infrastructure);
  if (missing.length > 0) {
    problems.push({
      message: `programs are missing here that come with ${missing.join(", ")}`,
      hint: `Install them (Debian: apt-get install ${missing.join(" ")}).`,
    });
  }
  if (/[:,\\]/.test(folder)) {
    problems.push({
      message: `the path ${folder} has one of ":", "," and "\\"`,
      hint: "Set SLIPWAY_HOME to another one.",
    });
  }
  const { image } = infrastructure;
  if (
    image.startsWith("/") &&
    !["sbin/init", "usr/lib/systemd/systemd"].some((file) => host.inode(join(image, file)) !== undefined)
  )
    problems.push({
      message: `no systemd in infrastructure.image (${image})`,
      hint: "It must be a whole tree, as mmdebstrap makes it.",
    });
  if (!image.startsWith("/") && !findRecipe(host, infrastructure))
    problems.push({
      message: `nobody here knows where packages of ${image} come from: apt on this machine has no source of Debian`,
      hint: "Set infrastructure.mirror to a mirror of Debian.",
    });
  return problems;
}
