// A kubeconfig of our own: one cluster, one user, one context, everything in it.

import type { KeyPair } from "../pki/certificates.ts";

export interface KubeconfigEntry {
  /** Name of the cluster, the user and the context. */
  readonly name: string;
  /** Such as https://127.0.0.1:6443. */
  readonly server: string;
  /** PEM of the authority. */
  readonly authority: string;
  readonly client: KeyPair | ExecClient;
}

/** A program that fetches a token each time, in kubeconfig's own words. */
export interface ExecClient {
  readonly exec: Readonly<Record<string, unknown>>;
}

/** What the entry says of the user. */
export function describeUser({ client }: KubeconfigEntry): Record<string, unknown> {
  if ("exec" in client) return { exec: client.exec };
  return {
    "client-certificate-data": encode(client.certificate),
    "client-key-data": encode(client.key),
  };
}

/** The name under which a cluster stands in kubeconfigs. */
export function contextName(cluster: string): string {
  return `slipway-${cluster}`;
}

/** As YAML. */
export function renderKubeconfig(entry: KubeconfigEntry): string {
  const { name, server, authority } = entry;
  const user = Object.entries(describeUser(entry)).map(
    ([field, value]) => `      ${field}: ${typeof value === "string" ? value : JSON.stringify(value)}\n`,
  );
  return `apiVersion: v1
kind: Config
clusters:
  - name: ${name}
    cluster:
      server: ${server}
      certificate-authority-data: ${encode(authority)}
users:
  - name: ${name}
    user:
${user.join("")}contexts:
  - name: ${name}
    context:
      cluster: ${name}
      user: ${name}
current-context: ${name}
`;
}

export function encode(pem: string): string {
  return Buffer.from(pem).toString("base64");
}
