// The certificates and keys of a cluster, in files named as kubeadm names them: the authorities, what the API server shows to clients
// and to kubelets, the service accounts' signing key, and one client certificate per person or component.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { nthAddress } from "#config";
import { readFileIfExists, writeFileAtomic } from "#shared";
import {
  type CertificateRequest,
  createAuthority,
  createSigningKey,
  fits,
  issueCertificate,
  type KeyPair,
} from "./certificates.ts";

export interface ClusterPkiOptions {
  readonly serviceCIDR: string;
  readonly dnsDomain: string;
  /** Further names and addresses under which the API server is reached, besides 127.0.0.1 and localhost. */
  readonly apiServerNames: readonly string[];
  readonly apiServerAddresses: readonly string[];
}

export interface ClusterPki {
  readonly authority: KeyPair;
  readonly frontProxyAuthority: KeyPair;
  readonly apiServer: KeyPair;
  /** How the API server authenticates itself to kubelets. */
  readonly kubeletClient: KeyPair;
  /** How the API server authenticates itself to aggregated API servers. */
  readonly frontProxyClient: KeyPair;
  /** Client certificate of the person who owns the cluster: group system:masters. */
  readonly admin: KeyPair;
}

export interface NodePki {
  /** Client certificate of the node: system:node:NAME in system:nodes. */
  readonly client: KeyPair;
  /** What the kubelet's own server shows. */
  readonly server: KeyPair;
}

/** Makes what is missing, signs anew what no longer fits (names changed, a month left), and keeps the rest. */
export async function ensureClusterPki(folder: string, options: ClusterPkiOptions): Promise<ClusterPki> {
  const [authority, frontProxyAuthority] = await Promise.all([
    ensureAuthority(folder, "ca", "kubernetes"),
    ensureAuthority(folder, "front-proxy-ca", "front-proxy-ca"),
    ensureSigningKey(folder),
  ]);
  const requests = leafRequests(options);
  const [apiServer, kubeletClient, admin, frontProxyClient] = await Promise.all([
    ensureCertificate(folder, "apiserver", authority, requests.apiserver),
    ensureCertificate(folder, "apiserver-kubelet-client", authority, requests["apiserver-kubelet-client"]),
    ensureCertificate(folder, "admin", authority, requests.admin),
    ensureCertificate(folder, "front-proxy-client", frontProxyAuthority, requests["front-proxy-client"]),
  ]);
  return { authority, frontProxyAuthority, apiServer, kubeletClient, frontProxyClient, admin };
}

/** What ensureClusterPki would answer without making anything; undefined where it would. */
export async function readClusterPki(folder: string, options: ClusterPkiOptions): Promise<ClusterPki | undefined> {
  const requests = leafRequests(options);
  const [authority, frontProxyAuthority, signingKey] = await Promise.all([
    readPair(folder, "ca"),
    readPair(folder, "front-proxy-ca"),
    readFileIfExists(join(folder, "sa.key")),
  ]);
  if (!authority || !frontProxyAuthority || signingKey === undefined) return undefined;
  const read = async (file: keyof typeof requests, issuer: KeyPair) => {
    const pair = await readPair(folder, file);
    return pair && fits(pair, issuer, requests[file]) ? pair : undefined;
  };
  const [apiServer, kubeletClient, admin, frontProxyClient] = await Promise.all([
    read("apiserver", authority),
    read("apiserver-kubelet-client", authority),
    read("admin", authority),
    read("front-proxy-client", frontProxyAuthority),
  ]);
  if (!apiServer || !kubeletClient || !admin || !frontProxyClient) return undefined;
  return { authority, frontProxyAuthority, apiServer, kubeletClient, frontProxyClient, admin };
}

/** What is signed, by file name. */
function leafRequests(options: ClusterPkiOptions) {
  const client = (commonName: string, ...organizations: string[]): CertificateRequest => ({
    commonName,
    organizations,
    usages: ["client"],
  });
  return {
    apiserver: apiServerRequest(options),
    "apiserver-kubelet-client": client("kube-apiserver-kubelet-client", "system:masters"),
    admin: client("kubernetes-admin", "system:masters"),
    "front-proxy-client": client("front-proxy-client"),
  };
}

/** What the control plane reads of the folder, in short: when it is another, the process has to be started anew. */
export async function markOfPki(folder: string): Promise<string> {
  const pairs = ["ca", "front-proxy-ca", "apiserver", "apiserver-kubelet-client", "front-proxy-client"];
  return markOfFiles(
    [...pairs.flatMap((pair) => [`${pair}.crt`, `${pair}.key`]), "sa.key", "sa.pub"].map((file) => join(folder, file)),
  );
}

/** A hash over what is in the files; a file that is not there counts as such. */
export async function markOfFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const text of await Promise.all(paths.map(readFileIfExists))) hash.update(JSON.stringify(text ?? null));
  return hash.digest("hex");
}

/** A node's certificates, in `folder`. */
export async function ensureNodePki(
  folder: string,
  authority: KeyPair,
  node: { name: string; address: string },
): Promise<NodePki> {
  const requests = nodeRequests(node);
  const [client, server] = await Promise.all([
    ensureCertificate(folder, "kubelet-client", authority, requests.client),
    ensureCertificate(folder, "kubelet", authority, requests.server),
  ]);
  return { client, server };
}

/** What ensureNodePki would answer without making anything; undefined where it would. */
export async function readNodePki(
  folder: string,
  authority: KeyPair,
  node: { name: string; address: string },
): Promise<NodePki | undefined> {
  const requests = nodeRequests(node);
  const [client, server] = await Promise.all([readPair(folder, "kubelet-client"), readPair(folder, "kubelet")]);
  if (!client || !server) return undefined;
  return fits(client, authority, requests.client) && fits(server, authority, requests.server)
    ? { client, server }
    : undefined;
}

function nodeRequests({ name, address }: { name: string; address: string }) {
  const client: CertificateRequest = {
    commonName: `system:node:${name}`,
    organizations: ["system:nodes"],
    usages: ["client"],
  };
  const server: CertificateRequest = {
    commonName: name,
    usages: ["server"],
    dnsNames: [name],
    ipAddresses: [address],
  };
  return { client, server };
}

/** A client certificate for a component that is no node, such as system:kube-proxy. */
export function ensureClientCertificate(
  folder: string,
  authority: KeyPair,
  file: string,
  commonName: string,
): Promise<KeyPair> {
  return ensureCertificate(folder, file, authority, { commonName, usages: ["client"] });
}

/** What ensureClientCertificate would answer without making anything; undefined where it would. */
export async function readClientCertificate(
  folder: string,
  authority: KeyPair,
  file: string,
  commonName: string,
): Promise<KeyPair | undefined> {
  const pair = await readPair(folder, file);
  return pair && fits(pair, authority, { commonName, usages: ["client"] }) ? pair : undefined;
}

function apiServerRequest(options: ClusterPkiOptions): CertificateRequest {
  const { serviceCIDR, dnsDomain, apiServerNames, apiServerAddresses } = options;
  const inCluster = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    `kubernetes.default.svc.${dnsDomain}`,
  ];
  return {
    commonName: "kube-apiserver",
    usages: ["server"],
    dnsNames: [...new Set(["localhost", ...inCluster, ...apiServerNames])],
    ipAddresses: [...new Set(["127.0.0.1", nthAddress(serviceCIDR, 1), ...apiServerAddresses])],
  };
}

export async function ensureAuthority(folder: string, file: string, commonName: string): Promise<KeyPair> {
  const found = await readPair(folder, file);
  if (found) return found;
  const made = await createAuthority(commonName);
  await writePair(folder, file, made);
  return made;
}

export async function ensureCertificate(
  folder: string,
  file: string,
  authority: KeyPair,
  request: CertificateRequest,
): Promise<KeyPair> {
  const found = await readPair(folder, file);
  if (found && fits(found, authority, request)) return found;
  const made = await issueCertificate(authority, request);
  await writePair(folder, file, made);
  return made;
}

export async function ensureSigningKey(folder: string): Promise<void> {
  if (await readFileIfExists(join(folder, "sa.key"))) return;
  const { key, publicKey } = await createSigningKey();
  // The private key comes last: it is the sign that both are there.
  await writeFileAtomic(join(folder, "sa.pub"), publicKey);
  await writeFileAtomic(join(folder, "sa.key"), key, 0o600);
}

export async function readPair(folder: string, file: string): Promise<KeyPair | undefined> {
  const [certificate, key] = await Promise.all([
    readFileIfExists(join(folder, `${file}.crt`)),
    readFileIfExists(join(folder, `${file}.key`)),
  ]);
  return certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
}

/** The key first: a certificate without its key would look complete to people. */
export async function writePair(folder: string, file: string, { certificate, key }: KeyPair): Promise<void> {
  await writeFileAtomic(join(folder, `${file}.key`), key, 0o600);
  await writeFileAtomic(join(folder, `${file}.crt`), certificate);
}
