// What a kubelet's requests must look like, with the words upstream refuses others with. Pure.

import type { RequestedCertificate } from "./signing-request.ts";

const nodePrefix = "system:node:";
const nodesGroup = "system:nodes";

/** Why this is no request for the certificate a kubelet shows the API server; undefined where it is one. */
export function refuseKubeletClient(request: RequestedCertificate, usages: readonly string[]): string | undefined {
  if (!isNodesGroup(request)) return `subject organization is not ${nodesGroup}`;
  if (request.dnsNames.length > 0) return "DNS subjectAltNames are not allowed";
  if (request.emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (request.ipAddresses.length > 0) return "IP subjectAltNames are not allowed";
  if (request.uris.length > 0) return "URI subjectAltNames are not allowed";
  if (!isNode(request)) return `subject common name does not begin with ${nodePrefix}`;
  return refuseUsages(usages, "client auth");
}

/** The same for the certificate its own server shows. */
export function refuseKubeletServing(request: RequestedCertificate, usages: readonly string[]): string | undefined {
  if (!isNodesGroup(request)) return `subject organization is not ${nodesGroup}`;
  if (request.dnsNames.length + request.ipAddresses.length === 0) return "DNS or IP subjectAltName is required";
  if (request.emailAddresses.length > 0) return "Email subjectAltNames are not allowed";
  if (request.uris.length > 0) return "URI subjectAltNames are not allowed";
  const refusal = refuseUsages(usages, "server auth");
  if (refusal !== undefined) return refusal;
  return isNode(request) ? undefined : `subject common name does not begin with ${nodePrefix}`;
}

/** Signs for what runs beside the kubelet on a node of distribution slipway: service proxy, DNS server, storage provisioner. */
export const agentClientSigner = "slipway.dev/agent-client";

const agentUsers = new Set(["system:kube-proxy", "system:coredns", "system:slipway:local-path"]);

/** The same for what runs beside the kubelet. */
export function refuseAgentClient(request: RequestedCertificate, usages: readonly string[]): string | undefined {
  const { commonName, organizations, dnsNames, ipAddresses, emailAddresses, uris } = request;
  if (!agentUsers.has(commonName)) return "subject common name is none of an agent's";
  if (organizations.length > 0) return "subject organizations are not allowed";
  const names = [...dnsNames, ...ipAddresses, ...emailAddresses, ...uris];
  return names.length > 0 ? "subjectAltNames are not allowed" : refuseUsages(usages, "client auth");
}

function isNodesGroup({ organizations }: RequestedCertificate): boolean {
  return organizations.length === 1 && organizations[0] === nodesGroup;
}

function isNode({ commonName }: RequestedCertificate): boolean {
  return commonName.startsWith(nodePrefix);
}

/** "key encipherment" makes sense for RSA keys only. */
function refuseUsages(usages: readonly string[], purpose: string): string | undefined {
  const given = new Set(usages);
  const wanted = new Set(["digital signature", purpose]);
  const wantedOfRsa = new Set(["digital signature", "key encipherment", purpose]);
  const isWanted = [wanted, wantedOfRsa].some((set) => set.symmetricDifference(given).size === 0);
  return isWanted ? undefined : `usages did not match [${[...wantedOfRsa].toSorted().join(" ")}]`;
}
