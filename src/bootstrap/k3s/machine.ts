// A machine of distribution k3s: the one binary, its configuration, and on the server that starts the cluster the authorities, so that
// the admin's kubeconfig can be made on the client.

import { stringify } from "yaml";
import { type ClusterConfig, chooseVersion } from "#config";
import type { BootstrapInput, ClusterAuthorities } from "../distribution.ts";
import { apiServerFiles, etcdFiles, readGivenFiles } from "../host/given-files.ts";
import { describeKernel } from "../host/kernel.ts";
import { describeVirtualAddress } from "../host/virtual-address.ts";
import { type ArtifactSpec, type FileSpec, type MachineDescription, settingsMark } from "../machine-description.ts";
import type { UnitSpec } from "../supervisor/unit.ts";
import {
  apiServerFolder,
  configFile,
  imagesFolder,
  k3sOptions,
  ownMark,
  programFile,
  registriesFile,
  serverTls,
} from "./paths.ts";
import { datastorePaths, k3sConfig } from "./server-config.ts";

/** k3s brings the rest itself: runtime, plug-ins of pod networks, iptables. */
const packages = ["conntrack", "iptables", "kmod", "mount", "nftables", "procps"];

/** "1.36.2+k3s1": each release of Kubernetes has one of k3s, seldom more. */
export function k3sVersion({ kubernetesVersion }: ClusterConfig): string {
  const chosen = chooseVersion("k3s", kubernetesVersion);
  if (chosen.version === undefined) throw new Error(`Cannot use Kubernetes ${kubernetesVersion}: it ${chosen.problem}`);
  return `${chosen.version}+k3s1`;
}

export async function describeK3sMachine(input: BootstrapInput): Promise<MachineDescription> {
  const { config, duty, authorities } = input;
  const options = k3sOptions(config);
  const kernel = describeKernel();
  const text = stringify(k3sConfig(input), { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
  const registries = renderRegistries(config);
  const isServer = duty !== "join-worker";
  const virtualAddress = describeVirtualAddress(input);
  return {
    checks: [{ title: "See that the machine is free", argv: ["sh", "-ec", guardScript, "sh", ownMark(config.name)] }],
    artifacts: artifacts(config, input.platform),
    imagesFolder: imagesFolder(options),
    packages: [...packages, ...virtualAddress.packages],
    files: [
      ...kernel.files,
      // The token is in it.
      { path: configFile, content: text, mode: 0o600, secret: true },
      ...(registries ? [{ path: registriesFile, content: registries, mode: 0o600, secret: true }] : []),
      ...(duty === "init" ? authorityFiles(serverTls(options), authorities) : []),
      ...(isServer
        ? await readGivenFiles([...apiServerFiles(config, apiServerFolder), ...etcdFiles(config, datastorePaths)])
        : []),
      ...virtualAddress.files,
    ],
    commands: [...kernel.commands, ...virtualAddress.commands],
    // A server that joins waits for the address that the others hold.
    units: [describeUnit(isServer, `${text}${registries ?? ""}`), ...virtualAddress.units],
  };
}

/** registries.yaml: what is given, and the mirrors of `images.mirrors` for registries that it does not name. */
function renderRegistries(config: ClusterConfig): string | undefined {
  const given = k3sOptions(config).registries;
  const mirrors = Object.fromEntries(
    Object.entries(config.images.mirrors).map(([registry, endpoint]) => [registry, { endpoint }]),
  );
  if (!given && Object.keys(mirrors).length === 0) return undefined;
  return stringify({ ...given, mirrors: { ...mirrors, ...(given?.["mirrors"] ?? {}) } });
}

const guardScript = `if [ ! -e "$1" ]; then
  for file in /etc/rancher/k3s/config.yaml /etc/systemd/system/k3s.service /etc/systemd/system/k3s-agent.service /etc/kubernetes/kubelet.conf; do
    [ ! -e "$file" ] || { echo "this machine is a node of another cluster: $file is there" >&2; exit 1; }
  done
fi
mkdir -p "$(dirname "$1")"
: >"$1"`;

function artifacts(config: ClusterConfig, platform: string): ArtifactSpec[] {
  return [{ name: `k3s-${k3sVersion(config)}-${platform}`, path: programFile, mode: 0o755 }];
}

export function unitName(isServer: boolean): string {
  return isServer ? "k3s" : "k3s-agent";
}

function describeUnit(isServer: boolean, settings: string): UnitSpec {
  return {
    name: unitName(isServer),
    argv: [programFile, isServer ? "server" : "agent"],
    env: settingsMark(settings),
    after: [],
    // As its own installer has it: servers tell systemd when they are up, agents do not.
    ready: { kind: isServer ? "notify" : "running" },
  };
}

/** Under the names by which k3s finds authorities that were made elsewhere, and makes none. Other servers get them by the token. */
function authorityFiles(folder: string, authorities: ClusterAuthorities): FileSpec[] {
  const { kubernetes, frontProxy, etcd, serviceAccounts } = authorities;
  const pairs = {
    "server-ca": kubernetes,
    "client-ca": kubernetes,
    "request-header-ca": frontProxy,
    "etcd/server-ca": etcd,
    "etcd/peer-ca": etcd,
  };
  return [
    ...Object.entries(pairs).flatMap(([name, { certificate, key }]) => [
      { path: `${folder}/${name}.crt`, content: certificate },
      { path: `${folder}/${name}.key`, content: key, mode: 0o600, secret: true },
    ]),
    { path: `${folder}/service.key`, content: serviceAccounts.key, mode: 0o600, secret: true },
  ];
}
