// Continue tokens of paged lists: where to go on and at which revision, in upstream's form.

import { badRequest } from "#kubernetes/api";

export interface ContinuePoint {
  /** The first key that may follow, below the listed prefix. */
  readonly start: string;
  /** The revision of the first page; undefined where the rest may be as of now. */
  readonly revision: number | undefined;
}

/** A token that goes on after `lastKey`. Revision undefined: at whatever is then the latest. */
export function encodeContinue(lastKey: string, revision: number | undefined): string {
  const token = { v: "meta.k8s.io/v1", rv: revision ?? -1, start: `${lastKey}\0` };
  return Buffer.from(JSON.stringify(token)).toString("base64url");
}

/** Throws BadRequest for what encodeContinue has not made. */
export function decodeContinue(text: string): ContinuePoint {
  const token = parseToken(text);
  if (token["v"] !== "meta.k8s.io/v1") {
    throw invalidToken(`continue key is not valid: server does not recognize this encoded version ${token["v"] ?? ""}`);
  }
  const { rv, start } = token;
  if (!rv)
    throw invalidToken("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  if (!start) throw invalidToken("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)");
  if (typeof rv !== "number" || typeof start !== "string" || !isClean(start)) {
    throw invalidToken(`continue key is not valid: ${start}`);
  }
  return { start, revision: rv < 0 ? undefined : rv };
}

function parseToken(text: string): Record<string, unknown> {
  const bad = /[^A-Za-z0-9_-]/.exec(text);
  // A lone character beyond groups of four holds no byte: upstream's decoder stops at the start of that group.
  const position = bad ? bad.index : text.length % 4 === 1 ? text.length - 1 : -1;
  if (position >= 0) throw invalidToken(`continue key is not valid: illegal base64 data at input byte ${position}`);
  try {
    const token = JSON.parse(Buffer.from(text, "base64url").toString()) as unknown;
    // Go reads null into a token without fields.
    if (token === null) return {};
    if (typeof token === "object" && !Array.isArray(token)) return token as Record<string, unknown>;
    throw new Error(`json: cannot unmarshal ${jsonKindOf(token)} into Go value of type storage.continueToken`);
  } catch (error) {
    throw invalidToken(`continue key is not valid: ${(error as Error).message}`);
  }
}

function jsonKindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** No steps up or aside: the key stays within the listed prefix. */
function isClean(key: string): boolean {
  const path = key.startsWith("/") ? key.slice(1) : key;
  return path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

function invalidToken(why: string): Error {
  return badRequest(`invalid continue token: ${why}`);
}
