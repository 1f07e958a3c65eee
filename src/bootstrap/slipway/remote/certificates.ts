// The certificates on a machine of distribution "slipway". Control planes sign their own, with the authorities they hold, when the machine
// is prepared; workers' agents ask for theirs when they start.

import { join } from "node:path";
import type { CertificateCare } from "../../distribution.ts";
import type { CommandSpec } from "../../machine-description.ts";
import { machinePaths, unitNames } from "./machine-paths.ts";

export function processArguments(name: string, file: string): string[] {
  return [machinePaths.node, machinePaths.loader, name, file];
}

export const prepareCommand: CommandSpec = {
  title: "Prepare the machine",
  argv: processArguments("machine", machinePaths.machineSettings),
};

/** Those of the agent; all others are the control plane's. */
const ofAgent = ["kubelet-client", "kubelet", "proxy", "dns", "storage"];

export const slipwayCertificates: CertificateCare = {
  places: [machinePaths.pki, machinePaths.nodePki],
  renew({ role }, names) {
    const files = names.map(
      (name) => `${join(ofAgent.includes(name) ? machinePaths.nodePki : machinePaths.pki, name)}.crt`,
    );
    // etcd reads its own at every handshake.
    const hasServers = names.some((name) => !ofAgent.includes(name) && !name.startsWith("etcd/"));
    return [
      { title: `Forget ${names.join(", ")}`, argv: ["rm", "-f", "--", ...files] },
      ...(role === "control-plane" ? [prepareCommand] : []),
      ...(hasServers ? [restart(unitNames.controlPlane)] : []),
      ...(names.some((name) => ofAgent.includes(name)) ? [restart(unitNames.agent)] : []),
    ];
  },
  renewsByToken: true,
  rotates: true,
};

/** Ends when the unit says that it is ready. */
function restart(unit: string): CommandSpec {
  // Where the machine is busy it may not be ready in time; systemd tries again, so this waits once more.
  return {
    title: `Start ${unit} anew`,
    argv: ["sh", "-c", 'systemctl restart "$1" || systemctl start "$1"', "sh", unit],
  };
}
