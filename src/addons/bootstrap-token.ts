// Bootstrap tokens: Secrets by which a machine that has no identity yet may ask for one. Their form and names are kubeadm's.

import { isAlreadyExists, isNotFound, resources, type Secret } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { type Clock, systemClock } from "#shared";

export const bootstrapGroup = "system:bootstrappers:kubeadm:default-node-token";

const namespace = "kube-system";
const prefix = "bootstrap-token-";
const secretType = "bootstrap.kubernetes.io/token";

export interface BootstrapTokenOptions {
  /** How long it is good; undefined: for ever. */
  readonly ttlMs?: number;
  readonly description?: string;
  readonly clock?: Clock;
}

/** Such as "abcdef.0123456789abcdef". Throws an Error where the text is none. */
export function splitToken(token: string): { readonly id: string; readonly secret: string } {
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(token) ?? [];
  if (id === undefined || secret === undefined)
    throw new Error("a bootstrap token must be such as abcdef.0123456789abcdef");
  return { id, secret };
}

/** Makes the token, or renews the one with the same id. */
export async function writeBootstrapToken(
  client: Client,
  token: string,
  options: BootstrapTokenOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const { ttlMs, description, clock = systemClock, signal } = options;
  const { id, secret } = splitToken(token);
  const ends = ttlMs === undefined ? undefined : new Date(clock.now() + ttlMs).toISOString().replace(/\.\d+Z$/, "Z");
  const stringData = {
    "token-id": id,
    "token-secret": secret,
    "usage-bootstrap-authentication": "true",
    "usage-bootstrap-signing": "true",
    "auth-extra-groups": bootstrapGroup,
    ...(ends !== undefined && { expiration: ends }),
    ...(description !== undefined && { description }),
  };
  const name = `${prefix}${id}`;
  const body = { apiVersion: "v1", kind: "Secret", type: secretType, metadata: { namespace, name }, stringData };
  try {
    await client.create(resources.secrets, body, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await client.patch(resources.secrets, { namespace, name }, { type: "merge", body: { stringData } }, { signal });
  }
}

const joinTtlMs = 2 * 60 * 60_000;
const shortestRestMs = 30 * 60_000;

/** Makes sure that machines can join by the token for a while. */
export async function ensureBootstrapToken(
  client: Client,
  token: string,
  { signal, clock = systemClock }: { readonly signal: AbortSignal; readonly clock?: Clock },
): Promise<void> {
  const { id } = splitToken(token);
  const known = (await listBootstrapTokens(client, signal)).find((other) => other.id === id);
  if (known && (known.expiration === undefined || Date.parse(known.expiration) > clock.now() + shortestRestMs)) return;
  await writeBootstrapToken(client, token, {
    ttlMs: joinTtlMs,
    description: "for machines slipway sets up",
    clock,
    signal,
  });
}

export interface KnownToken {
  readonly id: string;
  /** With its secret. */
  readonly token: string;
  /** As RFC 3339; absent: never ends. */
  readonly expiration?: string;
  readonly description?: string;
  readonly groups: readonly string[];
}

export async function listBootstrapTokens(client: Client, signal: AbortSignal): Promise<KnownToken[]> {
  const scope = { namespace, fieldSelector: `type=${secretType}`, signal };
  const { items } = await client.list(resources.secrets, scope);
  return items.map(readToken).toSorted((one, other) => one.id.localeCompare(other.id));
}

/** Whether there was one. */
export async function deleteBootstrapToken(client: Client, id: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.delete(resources.secrets, { namespace, name: `${prefix}${id}` }, { signal });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function readToken({ metadata, data = {} }: Secret): KnownToken {
  const field = (name: string) => {
    const value = data[name];
    return value === undefined ? undefined : Buffer.from(String(value), "base64").toString("utf8");
  };
  const id = field("token-id") ?? metadata.name!.slice(prefix.length);
  const [expiration, description] = [field("expiration"), field("description")];
  return {
    id,
    token: `${id}.${field("token-secret") ?? ""}`,
    ...(expiration !== undefined && { expiration }),
    ...(description !== undefined && { description }),
    groups: (field("auth-extra-groups") ?? "").split(",").filter((group) => group !== ""),
  };
}
