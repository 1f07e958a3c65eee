// URLs as Go's net/url reads them, with its messages.

import { quote } from "#kubernetes/api";

export interface GoUrl {
  readonly scheme: string;
  /** Of "mailto:x": what follows the colon; then there is no host and no path. */
  readonly opaque: string;
  readonly user: string | undefined;
  readonly host: string;
  readonly path: string;
  readonly query: string | undefined;
  readonly fragment: string;
}

/** The text is no URL; the message is Go's. */
export class UrlError extends Error {}

/** As url.ParseRequestURI: absolute, or an absolute path; a fragment counts as part of the rest. Throws UrlError. */
export function parseRequestUrl(text: string): GoUrl {
  return explained(text, () => parseParts(text, "", true));
}

/** As url.Parse. Throws UrlError. */
export function parseUrl(text: string): GoUrl {
  const hash = text.indexOf("#");
  const before = hash < 0 ? text : text.slice(0, hash);
  return explained(text, () => parseParts(before, hash < 0 ? "" : unescapePart(text.slice(hash + 1)), false));
}

function explained(text: string, parse: () => GoUrl): GoUrl {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UrlError) throw new UrlError(`parse ${quote(text)}: ${error.message}`);
    throw error;
  }
}

function parseParts(text: string, fragment: string, viaRequest: boolean): GoUrl {
  if (/[\0-\x1f\x7f]/.test(text)) throw new UrlError("net/url: invalid control character in URL");
  if (text === "" && viaRequest) throw new UrlError("empty url");
  const none = { scheme: "", opaque: "", user: undefined, host: "", query: undefined, fragment };
  if (text === "*") return { ...none, path: "*" };
  const { scheme, rest: afterScheme } = splitScheme(text);
  const mark = afterScheme.indexOf("?");
  const query = mark < 0 ? undefined : afterScheme.slice(mark + 1);
  const rest = mark < 0 ? afterScheme : afterScheme.slice(0, mark);
  const parts = { ...none, scheme, query };
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { ...parts, opaque: rest, path: "" };
    if (viaRequest) throw new UrlError("invalid URI for request");
    const [first = ""] = rest.split("/");
    if (first.includes(":")) throw new UrlError("first path segment in URL cannot contain colon");
  }
  const hasAuthority = rest.startsWith("//") && (scheme !== "" || (!viaRequest && !rest.startsWith("///")));
  if (!hasAuthority) return { ...parts, path: checkPath(rest) };
  const slash = rest.indexOf("/", 2);
  const authority = rest.slice(2, slash < 0 ? undefined : slash);
  return { ...parts, ...parseAuthority(authority), path: checkPath(slash < 0 ? "" : rest.slice(slash)) };
}

function splitScheme(text: string): { readonly scheme: string; readonly rest: string } {
  if (text.startsWith(":")) throw new UrlError("missing protocol scheme");
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(text);
  if (!match) return { scheme: "", rest: text };
  return { scheme: match[1]!.toLowerCase(), rest: text.slice(match[0].length) };
}

function checkPath(path: string): string {
  unescapePart(path);
  return path;
}

function parseAuthority(authority: string): { readonly user: string | undefined; readonly host: string } {
  const at = authority.lastIndexOf("@");
  const user = at < 0 ? undefined : authority.slice(0, at);
  if (user !== undefined && !/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) {
    throw new UrlError("net/url: invalid userinfo");
  }
  return { user, host: parseHost(authority.slice(at + 1)) };
}

function parseHost(host: string): string {
  if (host.startsWith("[")) {
    const close = host.lastIndexOf("]");
    if (close < 0) throw new UrlError("missing ']' in host");
    checkPort(host.slice(close + 1));
  } else {
    const colon = host.lastIndexOf(":");
    if (colon >= 0) checkPort(host.slice(colon));
  }
  const bad = /[ "<>\\^`{|}]/.exec(host.startsWith("[") ? "" : host);
  if (bad) throw new UrlError(`invalid character ${quote(bad[0])} in host name`);
  return unescapePart(host);
}

function checkPort(port: string): void {
  if (port === "" || /^:\d*$/.test(port)) return;
  throw new UrlError(`invalid port ${quote(port)} after host`);
}

function unescapePart(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text);
  if (bad) throw new UrlError(`invalid URL escape ${quote(bad[0])}`);
  return text.includes("%") ? decodeBytes(text) : text;
}

function decodeBytes(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}

export function hostnameOf({ host }: GoUrl): string {
  const bracketed = /^\[(.*?)\]/.exec(host);
  return bracketed ? bracketed[1]! : host.replace(/:[^:]*$/, "");
}

export function portOf({ host }: GoUrl): string {
  return /:(\d*)$/.exec(host.replace(/^\[.*?\]/, ""))?.[1] ?? "";
}

/** What may stand in a path as it is. */
const PLAIN_IN_PATH = /[A-Za-z0-9\-._~$&+,/:;=@!'()*[\]%]/;

export function escapedPathOf({ path }: GoUrl): string {
  return Array.from(path, (character) => (PLAIN_IN_PATH.test(character) ? character : encodeBytes(character))).join("");
}

function encodeBytes(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

/** Keys and values of the query; what cannot be read is left out. */
export function queryOf({ query = "" }: GoUrl): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const pair of query.split("&")) {
    if (pair === "" || pair.includes(";") || /%(?![0-9a-fA-F]{2})/.test(pair)) continue;
    const [key = "", ...value] = pair.split("=").map((part, index) => (index > 1 ? `=${part}` : part));
    const name = decodeBytes(key.replaceAll("+", " "));
    const values = found.get(name) ?? [];
    values.push(decodeBytes(value.join("").replaceAll("+", " ")));
    found.set(name, values);
  }
  return found;
}

export function printUrl(url: GoUrl): string {
  const { scheme, opaque, user, host, query, fragment } = url;
  const authority = host !== "" || user !== undefined ? `//${user === undefined ? "" : `${user}@`}${host}` : "";
  const body = opaque === "" ? authority + escapedPathOf(url) : opaque;
  const tail = (query === undefined ? "" : `?${query}`) + (fragment === "" ? "" : `#${fragment}`);
  return (scheme === "" ? "" : `${scheme}:`) + body + tail;
}
