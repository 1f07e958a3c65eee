// Who asks the kubelet's server, and whether they may: client certificates and tokens, then the API server's word on the node's
// subresources. Answers are kept for a while, as upstream does.

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { resources, type SubjectAccessReview, type TokenReview, type UserInfo } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import type { Clock } from "#shared";

export interface AccessOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly nodeName: string;
  /** Requests without credentials are "system:anonymous". */
  readonly anonymous: boolean;
}

/** A refusal: what to answer. */
export interface Refused {
  readonly status: 401 | 403 | 500;
  readonly message: string;
}

export interface Access {
  /** Undefined: the request may be answered. */
  check(request: IncomingMessage, path: string): Promise<Refused | undefined>;
}

const tokenMs = 2 * 60_000;
const allowedMs = 5 * 60_000;
const deniedMs = 30_000;
const mostKept = 10_000;

export function createAccess(options: AccessOptions): Access {
  const { client, clock, nodeName } = options;
  const tokens = new ExpiringMap<UserInfo | undefined>(clock);
  const decisions = new ExpiringMap<boolean>(clock);

  const authenticate = async (request: IncomingMessage): Promise<UserInfo | undefined> => {
    const fromCertificate = userOfCertificate(request.socket as TLSSocket);
    if (fromCertificate) return fromCertificate;
    const token = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token !== undefined) return review(token);
    return options.anonymous ? { name: "system:anonymous", groups: ["system:unauthenticated"] } : undefined;
  };

  const review = async (token: string): Promise<UserInfo | undefined> => {
    const key = createHash("sha256").update(token).digest("base64");
    if (tokens.has(key)) return tokens.get(key);
    const answer: TokenReview = await client.create(resources.tokenReviews, { metadata: {}, spec: { token } });
    const user = answer.status?.authenticated ? toUser(answer.status.user) : undefined;
    tokens.set(key, user, tokenMs);
    return user;
  };

  const isAllowed = async (user: UserInfo, verb: string, subresource: string): Promise<boolean> => {
    const key = JSON.stringify([user, verb, subresource]);
    const known = decisions.get(key);
    if (known !== undefined) return known;
    const { name, groups, uid, extra } = user;
    const answer: SubjectAccessReview = await client.create(resources.subjectAccessReviews, {
      metadata: {},
      spec: {
        user: name,
        groups: [...groups],
        ...(uid && { uid }),
        ...(extra && { extra: structuredClone(extra) as Record<string, string[]> }),
        resourceAttributes: { verb, version: "v1", resource: "nodes", subresource, name: nodeName },
      },
    });
    const allowed = answer.status?.allowed ?? false;
    decisions.set(key, allowed, allowed ? allowedMs : deniedMs);
    return allowed;
  };

  return {
    async check(request, path) {
      try {
        const user = await authenticate(request);
        if (!user) return { status: 401, message: "Unauthorized" };
        const verb = verbs[request.method ?? ""] ?? "";
        const subresources = subresourcesOf(path);
        for (const subresource of subresources) {
          if (await isAllowed(user, verb, subresource)) return undefined;
        }
        const list = `[${subresources.join(" ")}]`;
        const what = `user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=${list}`;
        return { status: 403, message: `Forbidden (${what})\n` };
      } catch (error) {
        return { status: 500, message: `Authorization error: ${error instanceof Error ? error.message : error}` };
      }
    },
  };
}

const verbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** What must be allowed for a path: the fine-grained name where there is one, or else the whole proxy. */
export function subresourcesOf(path: string): string[] {
  const isBelow = (root: string) => path === root || path.startsWith(`${root}/`);
  if (isBelow("/pods") || isBelow("/runningpods")) return ["pods", "proxy"];
  if (isBelow("/healthz")) return ["healthz", "proxy"];
  if (isBelow("/configz")) return ["configz", "proxy"];
  if (isBelow("/stats")) return ["stats"];
  if (isBelow("/metrics")) return ["metrics"];
  if (isBelow("/logs")) return ["log"];
  if (isBelow("/checkpoint")) return ["checkpoint"];
  return ["proxy"];
}

function userOfCertificate(socket: TLSSocket): UserInfo | undefined {
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  const name = first(subject?.CN);
  if (name === undefined) return undefined;
  const organizations = subject.O as string | string[] | undefined;
  const groups = organizations === undefined ? [] : [organizations].flat();
  return { name, groups: [...groups, "system:authenticated"] };
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

type ReviewedUser = NonNullable<NonNullable<TokenReview["status"]>["user"]>;

function toUser(user: ReviewedUser | undefined): UserInfo {
  const { username = "", groups = [], uid, extra } = user ?? {};
  return { name: username, groups, ...(uid && { uid }), ...(extra && { extra }) };
}

class ExpiringMap<V> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly value: V; readonly until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.until > this.#clock.now();
  }

  get(key: string): V | undefined {
    return this.has(key) ? this.#entries.get(key)?.value : undefined;
  }

  set(key: string, value: V, forMs: number): void {
    if (this.#entries.size >= mostKept) this.#entries.clear();
    this.#entries.set(key, { value, until: this.#clock.now() + forMs });
  }
}
