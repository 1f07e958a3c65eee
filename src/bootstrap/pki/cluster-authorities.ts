// The authorities of a cluster whose machines are elsewhere: made on the client, kept in the cluster's folder under kubeadm's names, and
// handed to control planes, which sign what they need themselves. The client itself needs the admin's certificate alone.

import { randomInt } from "node:crypto";
import { join } from "node:path";
import { readFileIfExists, writeFileAtomic } from "#shared";
import type { ClusterAuthorities } from "../distribution.ts";
import type { CertificateRequest, KeyPair } from "./certificates.ts";
import { fits } from "./certificates.ts";
import { ensureAuthority, ensureCertificate, ensureSigningKey, readPair } from "./cluster-pki.ts";

export interface ClientPki {
  readonly authorities: ClusterAuthorities;
  /** Client certificate of the person who owns the cluster: group system:masters. */
  readonly admin: KeyPair;
  /** A bootstrap token, by which machines join; the same for as long as the folder is there. */
  readonly token: string;
}

const adminRequest: CertificateRequest = {
  commonName: "kubernetes-admin",
  organizations: ["system:masters"],
  usages: ["client"],
};

/** Makes what is missing and keeps the rest. */
export async function ensureClientPki(folder: string): Promise<ClientPki> {
  const [kubernetes] = await Promise.all([
    ensureAuthority(folder, "ca", "kubernetes"),
    ensureAuthority(folder, "front-proxy-ca", "front-proxy-ca"),
    ensureAuthority(folder, "etcd/ca", "etcd-ca"),
    ensureSigningKey(folder),
    ensureToken(folder),
  ]);
  await ensureCertificate(folder, "admin", kubernetes, adminRequest);
  return (await readClientPki(folder))!;
}

/** What ensureClientPki would answer without making anything; undefined where it would. */
export async function readClientPki(folder: string): Promise<ClientPki | undefined> {
  const [kubernetes, frontProxy, etcd, admin, key, publicKey, token] = await Promise.all([
    readPair(folder, "ca"),
    readPair(folder, "front-proxy-ca"),
    readPair(folder, "etcd/ca"),
    readPair(folder, "admin"),
    readFileIfExists(join(folder, "sa.key")),
    readFileIfExists(join(folder, "sa.pub")),
    readFileIfExists(join(folder, tokenFile)),
  ]);
  if (!kubernetes || !frontProxy || !etcd || !admin || !key || !publicKey || !token) return undefined;
  if (!fits(admin, kubernetes, adminRequest)) return undefined;
  const authorities = { kubernetes, frontProxy, etcd, serviceAccounts: { key, publicKey } };
  return { authorities, admin, token: token.trim() };
}

const tokenFile = "bootstrap-token";

async function ensureToken(folder: string): Promise<void> {
  const path = join(folder, tokenFile);
  if ((await readFileIfExists(path)) === undefined) await writeFileAtomic(path, `${createBootstrapToken()}\n`, 0o600);
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Such as "abcdef.0123456789abcdef". */
export function createBootstrapToken(): string {
  const word = (length: number) => Array.from({ length }, () => letters[randomInt(letters.length)]).join("");
  return `${word(6)}.${word(16)}`;
}
