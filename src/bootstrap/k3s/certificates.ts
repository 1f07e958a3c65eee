// The certificates on a machine of distribution k3s, all issued anew by its own `k3s certificate rotate`. By itself k3s renews them when it
// starts and they are soon over. https://docs.k3s.io/cli/certificate

import type { ClusterConfig } from "#config";
import type { CertificateCare } from "../distribution.ts";
import type { CommandSpec } from "../machine-description.ts";
import { unitName } from "./machine.ts";
import { k3sOptions, programFile, serverTls } from "./paths.ts";

/** Beside them lie containers' files, which are not the cluster's. */
const ofAgent = ["client-kubelet", "client-kube-proxy", "client-k3s-controller", "serving-kubelet"];

export function describeK3sCertificates(config: ClusterConfig): CertificateCare {
  const options = k3sOptions(config);
  const agentFiles = ofAgent.map((name) => `${options.dataDir}/agent/${name}.crt`);
  return {
    places: [serverTls(options), ...agentFiles],
    renew: ({ role }, names) =>
      names.length === 0 ? [] : [rotate(unitName(role === "control-plane"), options.dataDir)],
    rotates: false,
    insteadOfRotation: "On a server: `k3s certificate rotate-ca`, as k3s' documentation tells.",
  };
}

/** All of the machine's, whichever are named. Its unit is started whatever ends the script; it has certificates when the kubelet's are back. */
function rotate(unit: string, dataDir: string): CommandSpec {
  const script = `unit=$1 program=$2 data=$3
start() { systemctl start "$unit" || systemctl start "$unit"; }
trap start EXIT
trap 'exit 1' HUP INT TERM
systemctl stop "$unit"
"$program" certificate rotate --data-dir "$data"
trap - EXIT
start
end=$(($(date +%s) + 300))
until [ -s "$data/agent/client-kubelet.crt" ] && [ -s "$data/agent/serving-kubelet.crt" ]; do
  [ "$(date +%s)" -lt "$end" ] || { echo "$unit runs and has no certificates: does it reach its server?" >&2; exit 1; }
  sleep 1
done`;
  return {
    title: `Issue all certificates anew and start ${unit} with them: k3s certificate rotate`,
    argv: ["sh", "-ec", script, "sh", unit, programFile, dataDir],
  };
}
