// The files that a machine is handed for kubeadm: its configuration, patches, and the authorities a control plane signs with.

import { stringify } from "yaml";
import type { ClusterConfig } from "#config";
import type { BootstrapInput, ClusterAuthorities } from "../distribution.ts";
import { etcdFiles, readGivenFile } from "../host/given-files.ts";
import type { FileSpec } from "../machine-description.ts";
import { nodeSettings } from "../slipway/node.ts";
import {
  clusterConfiguration,
  externalEtcdFiles,
  kubeadmOptions,
  kubeletConfiguration,
  kubeProxyConfiguration,
} from "./cluster-configuration.ts";
import {
  initConfiguration,
  joinConfiguration,
  resetConfiguration,
  upgradeConfiguration,
} from "./node-configurations.ts";
import { configFile, handedPki, kubernetesPki, patchesFolder, resetConfigFile, upgradeConfigFile } from "./paths.ts";

/** kubeadm's documents as the file it reads. */
export function renderDocuments(documents: readonly object[]): string {
  return documents
    .map((document) => stringify(document, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false }))
    .join("---\n");
}

/** What kubeadm does on the machine. The token is in it. */
export function configurationFiles(input: BootstrapInput): FileSpec[] {
  const { config, duty } = input;
  const documents =
    duty === "init"
      ? [
          initConfiguration(input),
          clusterConfiguration(input),
          kubeletConfiguration(config),
          ...(config.network.proxy === "none" ? [] : [kubeProxyConfiguration(config)]),
        ]
      : [joinConfiguration(input)];
  return [
    { path: configFile, content: renderDocuments(documents), mode: 0o600, secret: true },
    { path: resetConfigFile, content: renderDocuments([resetConfiguration(config)]) },
    { path: upgradeConfigFile, content: renderDocuments([upgradeConfiguration(config)]) },
  ];
}

const controlPlaneTargets = new Set(["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"]);

/** In kubeadm's way: target, number, +type; the number keeps the order. */
export function patchFiles({ config, machine, duty }: BootstrapInput): FileSpec[] {
  const { pods } = nodeSettings(config, machine).capacity;
  const patches = kubeadmOptions(config).patches.filter(
    ({ target }) => duty !== "join-worker" || !controlPlaneTargets.has(target),
  );
  const files = patches.map(({ target, type, patch }, index) => ({
    path: `${patchesFolder}/${target}${String(index + 1).padStart(3, "0")}+${type}.yaml`,
    content: stringify(patch, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false }),
  }));
  // The folder must be there, whether there are patches or not.
  const about = {
    path: `${patchesFolder}/README`,
    content: "What kubeadm patches on this machine. Written by slipway.\n",
  };
  if (pods === undefined) return [about, ...files];
  const capacity = { path: `${patchesFolder}/kubeletconfiguration000+merge.yaml`, content: `maxPods: ${pods}\n` };
  return [about, capacity, ...files];
}

/** What every control plane has in common, under kubeadm's names, in the folder we hand over. Leaves are kubeadm's to sign. */
export async function authorityFiles(config: ClusterConfig, authorities: ClusterAuthorities): Promise<FileSpec[]> {
  const { kubernetes, frontProxy, etcd, serviceAccounts } = authorities;
  const outside = config.controlPlane.etcd;
  const pairs = {
    ca: kubernetes,
    "front-proxy-ca": frontProxy,
    ...(outside ? {} : { "etcd/ca": etcd }),
  };
  return [
    ...Object.entries(pairs).flatMap(([name, { certificate, key }]) => [
      { path: `${handedPki}/${name}.crt`, content: certificate },
      keyFile(`${name}.key`, key),
    ]),
    { path: `${handedPki}/sa.pub`, content: serviceAccounts.publicKey },
    keyFile("sa.key", serviceAccounts.key),
    ...(await etcdClientFiles(config)),
  ];
}

function keyFile(name: string, content: string): FileSpec {
  return { path: `${handedPki}/${name}`, content, mode: 0o600, secret: true };
}

async function etcdClientFiles(config: ClusterConfig): Promise<FileSpec[]> {
  const files = etcdFiles(config, externalEtcdFiles).map(async (file): Promise<FileSpec> => {
    const content = await readGivenFile(file);
    const name = file.path.slice(kubernetesPki.length + 1);
    return file.option === "keyFile" ? keyFile(name, content) : { path: `${handedPki}/${name}`, content };
  });
  return Promise.all(files);
}
