// The API's virtual address on control planes: who may hold it, and how a machine without programs of ours (kubeadm, k3s) comes to hold
// it. keepalived moves it.

import { createHash } from "node:crypto";
import { exitCodes, UserError } from "#shared";
import type { BootstrapInput, BootstrapMachine } from "../distribution.ts";
import { type MachineDescription, settingsMark } from "../machine-description.ts";
import { systemToolPath } from "../packages/host-tools.ts";
import { apiPort } from "./api-port.ts";
import { renderKeepalivedConfig, type VirtualAddressSettings } from "./keepalived-config.ts";

const highestPriority = 150;

/** How this machine takes part in holding it; undefined where there is none, and on workers. */
export function virtualAddressOf(input: BootstrapInput): VirtualAddressSettings | undefined {
  const { config, duty, controlPlanes, machine } = input;
  const { virtualAddress: address } = config.controlPlane;
  if (address === undefined || duty === "join-worker") return undefined;
  return {
    address,
    others: controlPlanes.filter(({ name }) => name !== machine.name).map(addressOf),
    priority: Math.max(1, highestPriority - controlPlanes.findIndex(({ name }) => name === machine.name)),
    routerId: routerIdOf(config.name),
    port: apiPort(config),
  };
}

/** The same on all control planes of a cluster, most likely another one in another cluster. */
function routerIdOf(cluster: string): number {
  return (createHash("sha256").update(cluster).digest()[0]! % 255) + 1;
}

/** Throws a UserError where it is not known. */
export function addressOf({ name, address }: BootstrapMachine): string {
  if (address === undefined) {
    throw new UserError(`Cannot describe machine ${name}: its address is not known`, {
      hints: ["Where you make it yourself, give its address: slipway bootstrap --machines FILE."],
      exitCode: exitCodes.config,
    });
  }
  return address;
}

/** What a removal deletes, once the unit is stopped. */
export const virtualAddressFolder = "/var/lib/slipway/virtual-address";
const template = `${virtualAddressFolder}/keepalived.template`;
const configFile = `${virtualAddressFolder}/keepalived.conf`;

/** A description's parts; none where this machine holds no virtual address. Its unit starts after all commands. */
export type VirtualAddressParts = Required<Pick<MachineDescription, "packages" | "files" | "commands" | "units">>;

export function describeVirtualAddress(input: BootstrapInput): VirtualAddressParts {
  const settings = virtualAddressOf(input);
  if (!settings) return { packages: [], files: [], commands: [], units: [] };
  const { name } = input.machine;
  const address = addressOf(input.machine);
  const content = renderKeepalivedConfig(settings, { name, address, networkInterface: "@interface@" });
  return {
    packages: ["keepalived"],
    files: [{ path: template, content }],
    commands: [
      {
        title: "Leave keepalived to slipway",
        argv: ["sh", "-c", "systemctl disable -q --now keepalived 2>/dev/null || true"],
      },
      {
        title: `Find the network interface of ${address}`,
        argv: ["sh", "-ec", fillScript, "sh", address, template, configFile],
      },
    ],
    units: [
      {
        name: "slipway-virtual-address",
        argv: ["keepalived", "--dont-fork", "--log-console", "--vrrp", "--use-file", configFile],
        env: { PATH: systemToolPath, ...settingsMark(content) },
        after: [],
        ready: { kind: "running" },
      },
    ],
  };
}

const fillScript = `device=$(ip -o -4 address show | awk -v own="$1" '{ split($4, part, "/"); if (part[1] == own) { print $2; exit } }')
[ -n "$device" ] || { echo "no network interface of this machine has the address $1" >&2; exit 1; }
sed "s/@interface@/$device/" "$2" >"$3"`;
