// The programs that local machines need from this host, where they are, and which packages bring those that are missing.

import { existsSync } from "node:fs";
import { join } from "node:path";

export interface HostTools {
  readonly containerd: string;
  readonly ctr: string;
  readonly runc: string;
  /** The folder of the CNI plug-ins. */
  readonly cniPlugins: string;
  readonly nft: string;
  readonly ip: string;
}

/** Folders that a person's PATH may lack, sudo's or a service's. */
const systemFolders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
const cniFolders = ["/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni"];
const neededPlugins = ["bridge", "host-local", "loopback", "portmap", "ptp"];

/** Does more with it, and works without it: asked for only where apt brings it. The service proxy ends stale UDP flows with it. */
const helpful = { program: "conntrack", package: "conntrack" };

/** Debian's names. */
const packages: Readonly<Record<keyof HostTools, string>> = {
  containerd: "containerd",
  ctr: "containerd",
  runc: "runc",
  cniPlugins: "containernetworking-plugins",
  nft: "nftables",
  ip: "iproute2",
};

/** Every package that a local cluster may ask apt for. */
export const hostPackages: readonly string[] = [...new Set([...Object.values(packages), helpful.package])];

export type FoundTools =
  | { readonly tools: HostTools }
  | { readonly tools?: undefined; readonly missing: readonly string[] };

/** The tools, or the packages of those that are missing. `exists` is asked for paths. */
export function findHostTools(
  exists: (path: string) => boolean = existsSync,
  path = process.env["PATH"] ?? "",
): FoundTools {
  const folders = [...new Set([...path.split(":").filter((folder) => folder !== ""), ...systemFolders])];
  const find = (name: string) => folders.map((folder) => join(folder, name)).find(exists);
  const found: Record<keyof HostTools, string | undefined> = {
    containerd: find("containerd"),
    ctr: find("ctr"),
    runc: find("runc"),
    cniPlugins: cniFolders.find((folder) => neededPlugins.every((plugin) => exists(join(folder, plugin)))),
    nft: find("nft"),
    ip: find("ip"),
  };
  const lacking = Object.entries(found).filter(([, place]) => place === undefined);
  const missing = lacking.map(([tool]) => packages[tool as keyof HostTools]);
  if (find("apt-get") !== undefined && find(helpful.program) === undefined) missing.push(helpful.package);
  return missing.length === 0 ? { tools: found as HostTools } : { missing: [...new Set(missing)] };
}

/** PATH on a machine whose tools are its packages'. */
export const systemToolPath = systemFolders.join(":");

/** PATH for programs that look for their helpers (containerd for runc and its shim). */
export function toolPath(tools: HostTools): string {
  const own = [tools.containerd, tools.runc].map((file) => join(file, ".."));
  return [...new Set([...own, ...systemFolders])].join(":");
}
