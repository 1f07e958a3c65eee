// Runs on the machine itself, as "machine FILE": makes of the settings what only the machine can tell, such as which file system layers
// containers, who is asked for names, which interface has its address; signs a control plane's own certificates; and joins etcd.

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { exec, UserError, writeFileAtomic } from "#shared";
import { renderContainerdConfig } from "../../containerd/containerd-config.ts";
import { chooseSnapshotter, mayLowerOomScore } from "../../containerd/host-traits.ts";
import { renderKeepalivedConfig } from "../../host/keepalived-config.ts";
import { sandboxImageName } from "../../images/sandbox-image.ts";
import { findHostTools, type HostTools } from "../../packages/host-tools.ts";
import { ensureClientCertificate, ensureClusterPki, ensureNodePki } from "../../pki/cluster-pki.ts";
import { ensureEtcdPki } from "../../pki/etcd-pki.ts";
import { findResolver } from "../../resolver.ts";
import type { AgentOptions } from "../node.ts";
import { peerUrl, renderEtcdConfig } from "./etcd-config.ts";
import { joinEtcd } from "./etcd-members.ts";
import { findAddress } from "./find-address.ts";
import { machinePaths } from "./machine-paths.ts";
import type { ControlPlaneSettings, MachineSettings } from "./machine-settings.ts";
import { removeFromMachine } from "./remove-from-machine.ts";

/** `file` holds a machine's settings, or the wish to take all away. May be run again. */
export async function runMachine(file: string): Promise<void> {
  const settings = JSON.parse(await readFile(file, "utf8")) as MachineSettings | { readonly remove: true };
  if ("remove" in settings) await removeFromMachine();
  else await prepareMachineItself(settings);
}

async function prepareMachineItself(settings: MachineSettings): Promise<void> {
  const found = findHostTools();
  if (!found.tools) throw new UserError(`this machine lacks ${found.missing.join(", ")}`);
  const { tools } = found;
  await mkdir(machinePaths.logs, { recursive: true });
  await linkPlugins(tools);
  const snapshotter = await chooseSnapshotter(machinePaths.containerd, exec);
  await writeFileAtomic(
    machinePaths.containerdConfig,
    await containerdConfig(tools, { snapshotter, registryFolders: settings.registryFolders }),
  );
  const address = await findAddress(settings.address);
  const agent: AgentOptions = {
    ...settings.agent,
    nodeAddress: address,
    resolverFile: (await findResolver()).file,
    sandbox: { ctr: tools.ctr, snapshotter, archives: machinePaths.images },
  };
  await writeFileAtomic(machinePaths.agentOptions, `${JSON.stringify(agent, null, 2)}\n`);
  if (settings.controlPlane) await prepareControlPlane({ name: settings.name, address }, settings.controlPlane);
}

/** Add-ons bring their plug-ins to /opt/cni/bin; packages have theirs elsewhere. */
async function linkPlugins({ cniPlugins }: HostTools): Promise<void> {
  if (cniPlugins === machinePaths.cniPlugins) return;
  await mkdir(machinePaths.cniPlugins, { recursive: true });
  for (const name of await readdir(cniPlugins)) {
    const link = join(machinePaths.cniPlugins, name);
    if (!existsSync(link)) await symlink(join(cniPlugins, name), link);
  }
}

async function containerdConfig(
  tools: HostTools,
  choices: { readonly snapshotter: "overlayfs" | "native"; readonly registryFolders: readonly string[] },
): Promise<string> {
  return renderContainerdConfig({
    root: machinePaths.containerd,
    state: machinePaths.containerdState,
    criSocket: machinePaths.criSocket,
    ttrpcSocket: machinePaths.ttrpcSocket,
    sandboxImage: sandboxImageName,
    cniPlugins: machinePaths.cniPlugins,
    cniConfig: machinePaths.cniConfig,
    runc: tools.runc,
    runcRoot: machinePaths.runcRoot,
    ...choices,
    restrictOomScoreAdj: !(await mayLowerOomScore()),
  });
}

async function prepareControlPlane(
  { name, address }: { readonly name: string; readonly address: string },
  settings: ControlPlaneSettings,
): Promise<void> {
  const { options, etcd, virtualAddress } = settings;
  const { pki, nodePki } = machinePaths;
  const { authority } = await ensureClusterPki(pki, options.certificates);
  await Promise.all([
    ensureNodePki(nodePki, authority, { name, address }),
    ensureClientCertificate(nodePki, authority, "proxy", "system:kube-proxy"),
    ensureClientCertificate(nodePki, authority, "dns", agentUsers.dns),
    ensureClientCertificate(nodePki, authority, "storage", agentUsers.storage),
  ]);
  await writeFileAtomic(machinePaths.controlPlaneOptions, `${JSON.stringify(options, null, 2)}\n`);
  if (etcd) {
    await ensureEtcdPki(pki, { name, address });
    const hasData = existsSync(join(machinePaths.etcdData, "member"));
    const own = `${name}=${peerUrl(address)}`;
    const joins = !hasData && !etcd.starts;
    const initialCluster = joins ? await joinEtcd({ name, address, others: etcd.others, exec }) : own;
    // Whom it started with is not asked for any more once it has data.
    const config = renderEtcdConfig({ name, address, initialCluster, state: joins || hasData ? "existing" : "new" });
    await mkdir(machinePaths.etcdData, { recursive: true, mode: 0o700 });
    await writeFileAtomic(machinePaths.etcdConfig, config);
  }
  if (virtualAddress) {
    const networkInterface = interfaceOf(address);
    const text = renderKeepalivedConfig(virtualAddress, { name, address, networkInterface });
    await writeFileAtomic(machinePaths.keepalivedConfig, text);
  }
}

/** Whom the DNS server and the storage provisioner of a node act as; the add-ons give them their rights. */
export const agentUsers = { dns: "system:coredns", storage: "system:slipway:local-path" } as const;

function interfaceOf(address: string): string {
  const found = Object.entries(networkInterfaces()).find(([, list]) =>
    list?.some((entry) => entry.address === address),
  );
  if (!found) throw new UserError(`no network interface of this machine has the address ${address}`);
  return found[0];
}
