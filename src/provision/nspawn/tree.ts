// The disk of a machine: an overlay over the base tree, and what makes it this machine and no other.

import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes, UserError, writeFileAtomic } from "#shared";
import type { Host } from "../host/host.ts";
import { listMounts } from "../host/mounts.ts";
import type { MachineSpec } from "../provider.ts";
import type { MachinePaths } from "./paths.ts";

export interface TreeOptions {
  /** The base tree's folder. */
  readonly base: string;
  readonly spec: MachineSpec;
  readonly address: string;
  /** The file of the key that opens the machine. */
  readonly publicKey: string;
  readonly userData?: string;
}

/** The file that says that a machine's disk is all there. */
function doneFile({ folder }: MachinePaths): string {
  return join(folder, "base");
}

/** Whether the machine has a disk; one that is switched off keeps it. */
export function hasTree(paths: MachinePaths): boolean {
  return existsSync(doneFile(paths));
}

/** Makes the disk anew; it is not mounted yet. */
export async function makeTree(host: Host, paths: MachinePaths, options: TreeOptions): Promise<void> {
  if (listMounts(host).includes(paths.root)) await host.exec(["umount", paths.root]);
  for (const folder of [paths.upper, paths.work, paths.variable, paths.root]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  await host.exec(["cp", "-a", "--reflink=auto", `${join(options.base, "var")}/.`, paths.variable]);
  await writeIdentity(host, paths, options);
  await writeFileAtomic(doneFile(paths), `${options.base}\n`);
}

/** Writes into the upper layer: what lies there is seen instead of the base's. */
async function writeIdentity(
  host: Host,
  { upper, variable, knownHosts }: MachinePaths,
  options: TreeOptions,
): Promise<void> {
  const { spec, address, publicKey, userData } = options;
  const write = (path: string, content: string, mode = 0o644) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
  };
  write(join(upper, "etc/hostname"), `${spec.name}\n`);
  write(join(upper, "etc/hosts"), `127.0.0.1 localhost\n::1 localhost\n${address} ${spec.name}\n`);
  write(join(upper, "etc/machine-id"), `${randomBytes(16).toString("hex")}\n`, 0o444);
  write(join(upper, "etc/resolv.conf"), resolvConf(host));
  write(join(upper, "root/.ssh/authorized_keys"), readFileSync(publicKey, "utf8"), 0o600);
  for (const folder of ["root", "root/.ssh"]) chmodSync(join(upper, folder), 0o700);
  const hostKey = join(upper, "etc/ssh/ssh_host_ed25519_key");
  mkdirSync(dirname(hostKey), { recursive: true });
  await host.exec(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", spec.name, "-f", hostKey]);
  const [type, key] = readFileSync(`${hostKey}.pub`, "utf8").split(" ");
  write(knownHosts, `${address} ${type} ${key}\n`);
  if (userData === undefined) return write(join(upper, "etc/cloud/cloud-init.disabled"), "");
  write(join(upper, "etc/cloud/cloud.cfg.d/91-slipway.cfg"), cloudConfig);
  const seed = join(variable, "lib/cloud/seed/nocloud");
  write(join(seed, "meta-data"), `instance-id: ${spec.name}\nlocal-hostname: ${spec.name}\n`);
  write(join(seed, "user-data"), userData, 0o600);
}

/** Its host key is known, its packages' sources are there, and nobody else logs in. */
const cloudConfig = `ssh_deletekeys: false
ssh_genkeytypes: []
apt: {preserve_sources_list: true}
users: []
locale: false
`;

/** A resolver on this host's loopback is nobody's in the machine; its own file names whom it asks. */
function resolvConf(host: Host): string {
  const files = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf", "/run/NetworkManager/no-stub-resolv.conf"];
  const texts = files.map((file) => host.read(file) ?? "");
  return texts.find((text) => /^\s*nameserver\s+(?!127\.)\S/m.test(text)) ?? texts[0]!;
}

/** Mounts the disk that is there at `paths.root`. */
export async function mountTree(host: Host, paths: MachinePaths): Promise<void> {
  if (listMounts(host).includes(paths.root)) return;
  const base = readFileSync(doneFile(paths), "utf8").trim();
  const { code, stderr } = await host.exec(
    [
      ...["mount", "-t", "overlay", "overlay", "-o"],
      `lowerdir=${base},upperdir=${paths.upper},workdir=${paths.work}`,
      paths.root,
    ],
    { okCodes: [0, 32] },
  );
  if (code === 0) return;
  throw new UserError(`Cannot mount the disk of a machine at ${paths.root}: ${stderr.trim().split("\n")[0]}`, {
    hints: [
      "The cluster's folder must lie on a disk that can carry overlays (ext4, xfs, btrfs), not on an overlay itself.",
      "Set SLIPWAY_HOME to a folder on such a disk.",
    ],
    exitCode: exitCodes.host,
  });
}
