// From what OpenTofu says in the end to what phase 2 is told: the network and the machines. Pure.

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Machine, MachineAccess, MachineSpec, ManagedApi, Network, ProviderContext } from "../provider.ts";
import type { Cloud } from "./cloud.ts";
import { asArray, asObject } from "./json.ts";
import type { TofuState } from "./state.ts";

/** The network, once everything that machines share is there. */
export function describeNetwork({ outputs }: TofuState): Network | undefined {
  const cidr = outputs["machine_cidr"];
  if (typeof cidr !== "string") return undefined;
  const [people, machines] = ["api_endpoint", "machine_api_endpoint"].map((name) => hostOf(outputs[name]));
  return {
    machineCIDR: cidr,
    ...(people !== undefined && { controlPlaneAddress: people }),
    ...(machines !== undefined && machines !== people && { internalControlPlaneAddress: machines }),
  };
}

/** Where the cloud runs the control plane: what its kubeconfig says. */
export function describeManagedApi({ outputs }: TofuState): ManagedApi | undefined {
  const kubeconfig = asObject(outputs["kubeconfig"]);
  const cluster = asObject(asObject(asArray(kubeconfig["clusters"])[0])["cluster"]);
  const user = asObject(asObject(asArray(kubeconfig["users"])[0])["user"]);
  const { server, "certificate-authority-data": authority } = cluster;
  if (typeof server !== "string" || typeof authority !== "string") return undefined;
  return { server, authority: Buffer.from(authority, "base64").toString("utf8"), exec: asObject(user["exec"]) };
}

/** The machine, once it is there and its address is known. */
export function describeMachine(
  cloud: Cloud,
  context: ProviderContext,
  spec: MachineSpec,
  { outputs }: TofuState,
): Machine | undefined {
  const output = asObject(asObject(outputs["machines"])[spec.name]);
  const { private_address: address, public_address: publicAddress } = output;
  if (typeof address !== "string" || address === "") return undefined;
  const host = typeof publicAddress === "string" && publicAddress !== "" ? publicAddress : address;
  const texts = Object.entries(output).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  const handle = Object.fromEntries(texts);
  return { ...spec, address, access: accessOf(cloud, context, host, handle["id"] ?? spec.name), handle };
}

/** By SSH where machines have a key and let somebody in. */
function accessOf(cloud: Cloud, { config, folder }: ProviderContext, host: string, id: string): MachineAccess {
  const { infrastructure } = config;
  if (!cloud.machine || !("access" in infrastructure) || !("sshPublicKey" in infrastructure)) return { kind: "none" };
  const { access, sshPublicKey } = infrastructure;
  if (sshPublicKey === undefined || access.ssh.length === 0) return { kind: "none" };
  return {
    kind: "ssh",
    host,
    user: access.sshUser ?? cloud.machine.user,
    ...(access.jumpHosts.length > 0 && { jumpHosts: access.jumpHosts }),
    // Clouds give an address to one machine after another: what was known of the one says nothing of the next.
    knownHostsFile: join(folder, `known_hosts-${createHash("sha256").update(id).digest("hex").slice(0, 16)}`),
    sudo: true,
  };
}

function hostOf(endpoint: unknown): string | undefined {
  return typeof endpoint === "string" && endpoint !== "" ? new URL(endpoint).hostname : undefined;
}
