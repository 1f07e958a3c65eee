// Which credentials fit an image: of the pull secrets of a pod and of the node's own file, by registry and path.

import type { Secret } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";

interface Credential {
  /** Host, and path if any: "registry.example.com/team". Parts of the host may be globs. */
  readonly location: string;
  readonly username: string;
  readonly password: string;
}

/** All that fit, the most specific first. */
export function findCredentials(
  repository: string,
  secrets: readonly Secret[],
  nodeFile?: string,
): CriMessage<"AuthConfig">[] {
  const fromSecrets = secrets.flatMap(readSecret);
  const fromNode = nodeFile === undefined ? [] : readConfig(parseObject(nodeFile)["auths"]);
  return [fromSecrets, fromNode].flatMap((credentials) => {
    const fitting = credentials
      .filter(({ location }) => matches(location, repository))
      .sort((a, b) => (a.location < b.location ? 1 : -1));
    const chosen = fitting.length > 0 ? fitting : dockerHubDefault(credentials, repository);
    return chosen.map(({ username, password }) => ({ username, password }));
  });
}

function readSecret({ type, data = {} }: Secret): Credential[] {
  const decode = (value: string | undefined) => parseObject(Buffer.from(value ?? "", "base64").toString("utf8"));
  if (type === "kubernetes.io/dockerconfigjson") return readConfig(decode(data[".dockerconfigjson"])["auths"]);
  if (type === "kubernetes.io/dockercfg") return readConfig(decode(data[".dockercfg"]));
  return [];
}

function readConfig(auths: unknown): Credential[] {
  if (typeof auths !== "object" || auths === null) return [];
  return Object.entries(auths).flatMap(([location, value]) => {
    const { username, password } = readEntry(value as Readonly<Record<string, unknown>>);
    return [{ location: normalize(location), username, password }];
  });
}

function readEntry(entry: Readonly<Record<string, unknown>>): { username: string; password: string } {
  const { auth, username, password } = entry;
  if (typeof auth === "string" && auth !== "") {
    const text = Buffer.from(auth, "base64").toString("utf8");
    const colon = text.indexOf(":");
    return { username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  return { username: String(username ?? ""), password: String(password ?? "") };
}

/** Without scheme and API version: "https://index.docker.io/v1/" is "index.docker.io". */
function normalize(location: string): string {
  return location
    .replace(/^https?:\/\//, "")
    .replace(/^([^/]+)\/v[12]\//, "$1/")
    .replace(/\/$/, "");
}

function matches(location: string, repository: string): boolean {
  const [pattern, path] = splitHost(location);
  const [host, image] = splitHost(repository);
  const patternParts = pattern.split(/[.:]/);
  const hostParts = host.split(/[.:]/);
  if (patternParts.length !== hostParts.length || pattern.includes(":") !== host.includes(":")) return false;
  return image.startsWith(path) && patternParts.every((part, index) => matchesGlob(part, hostParts[index]!));
}

function splitHost(text: string): [host: string, path: string] {
  const slash = text.indexOf("/");
  return slash < 0 ? [text, ""] : [text.slice(0, slash), text.slice(slash)];
}

function matchesGlob(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`).test(text);
}

/** Docker Hub's credentials are filed under another name than its images. */
function dockerHubDefault(credentials: readonly Credential[], repository: string): readonly Credential[] {
  if (!repository.startsWith("docker.io/")) return [];
  return credentials.filter(({ location }) => location === "index.docker.io");
}

/** A broken file or secret holds no credentials. */
function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
