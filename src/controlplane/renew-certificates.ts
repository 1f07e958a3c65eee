// A control plane that holds the authorities signs its own certificates, when it starts and whenever they are about to end.

import { type ControlPlaneOptions, ensureClusterPki, ensureEtcdPki } from "#bootstrap";

type Own = Pick<ControlPlaneOptions, "certificates" | "etcdMember" | "pkiFolder">;

/** Signs what is missing, does not fit, or ends within a month. Nothing where somebody else makes the certificates. */
export async function ensureOwnCertificates({ certificates, etcdMember, pkiFolder }: Own): Promise<string | undefined> {
  if (etcdMember) await ensureEtcdPki(pkiFolder, etcdMember);
  if (!certificates) return undefined;
  const { apiServer, kubeletClient, frontProxyClient } = await ensureClusterPki(pkiFolder, certificates);
  return [apiServer, kubeletClient, frontProxyClient].map(({ certificate }) => certificate).join("");
}

export interface Renewal {
  /** What this process runs with: the answer of ensureOwnCertificates at its start. */
  readonly known: string | undefined;
  /** Called where others were signed: only a process that starts anew reads them. etcd reads its own at every handshake. */
  onRenewed(): void;
  onProblem(error: unknown): void;
}

/** Looks again; call it once a day. */
export async function lookAfterCertificates(own: Own, { known, onRenewed, onProblem }: Renewal): Promise<void> {
  if (!own.certificates) return;
  try {
    if ((await ensureOwnCertificates(own)) !== known) onRenewed();
  } catch (error) {
    onProblem(error);
  }
}
