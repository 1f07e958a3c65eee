// A kubeconfig of our own: one cluster, one user, one context, everything in it.

import type { KeyPair } from "../pki/certificates.ts";

export interface KubeconfigEntry {
  /** Name of the cluster, the user and the context. */
  readonly name: string;
  /** Such as https://127.0.0.1:6443. */
  readonly server: string;
  /** PEM of the authority. */
  readonly authority: string;
  readonly client: KeyPair;
}

/** The name under which a cluster stands in kubeconfigs. */
export function contextName(cluster: string): string {
  return `slipway-${cluster}`;
}

/** As YAML. */
export function renderKubeconfig({ name, server, authority, client }: KubeconfigEntry): string {
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
      client-certificate-data: ${encode(client.certificate)}
      client-key-data: ${encode(client.key)}
contexts:
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
