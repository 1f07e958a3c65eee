// Service account tokens for pods: asked from the API server, kept, and replaced when a fifth of their time is left or a day old.

import { resources, type ServiceAccountTokenProjection, type TokenRequest } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { parseTime } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger } from "#shared";
import type { BoundPod } from "../pod/bound-pod.ts";

export interface TokenSource {
  /** A token that is good for some time. Throws where there is none and none can be had. */
  token(pod: BoundPod, projection: ServiceAccountTokenProjection): Promise<string>;
  /** When the first token of the pod wants to be replaced, in milliseconds since the epoch. */
  refreshAt(podUid: string): number | undefined;
  forget(podUid: string): void;
}

interface Held {
  readonly token: string;
  readonly expiresAt: number;
  readonly refreshAt: number;
}

const oldestMs = 24 * 60 * 60 * 1000;
const retryMs = 10_000;
const defaultSeconds = 3600;

export function createTokenSource(client: Client, clock: Clock, logger: Logger): TokenSource {
  const held = new Map<string, Map<string, Held>>();

  const request = async (pod: BoundPod, projection: ServiceAccountTokenProjection): Promise<Held> => {
    const { audience, expirationSeconds = defaultSeconds } = projection;
    const { namespace, name, uid } = pod.metadata;
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: {},
      spec: {
        audiences: audience ? [audience] : [],
        expirationSeconds,
        boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
      },
    } satisfies TokenRequest;
    const account = { namespace, name: pod.spec.serviceAccountName || "default" };
    const answer = await client.createSubresource<TokenRequest>(resources.serviceAccounts, account, "token", body);
    const expiresAt = parseTime(answer.status?.expirationTimestamp) ?? clock.now();
    const lifeMs = (answer.spec?.expirationSeconds ?? expirationSeconds) * 1000;
    const issuedAt = expiresAt - lifeMs;
    const refreshAt = Math.min(issuedAt + oldestMs, expiresAt - lifeMs * 0.2);
    return { token: answer.status?.token ?? "", expiresAt, refreshAt };
  };

  return {
    async token(pod, projection) {
      const { uid } = pod.metadata;
      const own = held.get(uid) ?? new Map<string, Held>();
      const key = JSON.stringify([projection.audience ?? "", projection.expirationSeconds ?? defaultSeconds]);
      const known = own.get(key);
      if (known && clock.now() < known.refreshAt) return known.token;
      try {
        const fresh = await request(pod, projection);
        held.set(uid, own.set(key, fresh));
        return fresh.token;
      } catch (error) {
        if (!known) throw new Error(`failed to fetch token: ${describeError(error)}`, { cause: error });
        if (clock.now() > known.expiresAt) {
          throw new Error(`token expired and refresh failed: ${describeError(error)}`, { cause: error });
        }
        logger.warn(
          { pod: pod.metadata.name, error: describeError(error) },
          "token not refreshed, the old one is still good",
        );
        own.set(key, { ...known, refreshAt: clock.now() + retryMs });
        return known.token;
      }
    },
    refreshAt(podUid) {
      const times = [...(held.get(podUid)?.values() ?? [])].map(({ refreshAt }) => refreshAt);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    forget: (podUid) => void held.delete(podUid),
  };
}
