// Reads kubeconfig files: parsed and checked, and turned into the options of a connection. Writing them is the command line's.

import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { exec, UserError } from "#shared";
import { type ExecPlugin, runExecPlugin } from "./exec-credential.ts";
import type { TlsOptions } from "./http/dial.ts";
import type { HttpTransportOptions } from "./http/http-transport.ts";

export interface KubeconfigCluster {
  readonly server?: string;
  readonly "tls-server-name"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "certificate-authority"?: string;
  readonly "certificate-authority-data"?: string;
  readonly "proxy-url"?: string;
}

export interface KubeconfigUser {
  readonly "client-certificate"?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key"?: string;
  readonly "client-key-data"?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  readonly exec?: ExecPlugin;
}

export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace?: string;
}

/** A kubeconfig as written, and the folder its relative paths start from. */
export interface Kubeconfig {
  readonly "current-context"?: string;
  readonly clusters: readonly { readonly name: string; readonly cluster: KubeconfigCluster }[];
  readonly users: readonly { readonly name: string; readonly user: KubeconfigUser }[];
  readonly contexts: readonly { readonly name: string; readonly context: KubeconfigContext }[];
  readonly folder?: string;
}

/** How to reach a cluster, and the namespace its context names. */
export interface Connection extends HttpTransportOptions {
  readonly namespace: string;
}

/** Reads the file. Throws UserError where it is missing or no kubeconfig. */
export async function loadKubeconfig(path: string): Promise<Kubeconfig> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new UserError(`Cannot read the kubeconfig ${path}: ${(error as Error).message}`, { cause: error });
  }
  return parseKubeconfig(text, dirname(path));
}

/** Reads the text. Throws UserError where it is no kubeconfig. */
export function parseKubeconfig(text: string, folder?: string): Kubeconfig {
  const value = parseYaml(text);
  if (typeof value !== "object" || value === null) throw new UserError("Cannot read the kubeconfig: it is empty");
  const { kind, ...config } = value as Partial<Kubeconfig> & { kind?: string };
  if (kind !== undefined && kind !== "Config")
    throw new UserError(`Cannot read the kubeconfig: its kind is ${kind}, not Config`);
  return {
    ...config,
    clusters: config.clusters ?? [],
    users: config.users ?? [],
    contexts: config.contexts ?? [],
    ...(folder !== undefined && { folder }),
  };
}

/** The connection a context describes (default: the current one). Throws UserError naming what is missing. */
export async function connectionOf(config: Kubeconfig, contextName = config["current-context"]): Promise<Connection> {
  if (!contextName) throw new UserError("Cannot choose a cluster: the kubeconfig has no current-context");
  const context = find(config.contexts, contextName, "context").context;
  const cluster = find(config.clusters, context.cluster, "cluster").cluster;
  const user = context.user ? find(config.users, context.user, "user").user : {};
  if (!cluster.server) throw new UserError(`Cannot use context "${contextName}": its cluster has no server`);
  const plugin = user.exec;
  return {
    server: cluster.server,
    namespace: context.namespace || "default",
    tls: await readTls(config, cluster, user),
    ...(plugin && { fetchToken: () => runExecPlugin(plugin, exec) }),
    ...(user.token !== undefined && { token: user.token }),
    ...(user.tokenFile !== undefined && { tokenFile: resolvePath(config, user.tokenFile) }),
    ...(user.username !== undefined && { username: user.username }),
    ...(user.password !== undefined && { password: user.password }),
  };
}

/** The connection of a pod to its own cluster, by the files and variables every container gets. */
export async function inClusterConnection(environment: NodeJS.ProcessEnv = process.env): Promise<Connection> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port) throw new UserError("Cannot find the cluster: this process does not run in a pod");
  const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: (await readFile(join(folder, "namespace"), "utf8")).trim(),
    tls: { ca: await readFile(join(folder, "ca.crt"), "utf8") },
    tokenFile: join(folder, "token"),
  };
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new UserError(`Cannot read the kubeconfig: ${(error as Error).message}`, { cause: error });
  }
}

function find<T extends { readonly name: string }>(list: readonly T[], name: string, what: string): T {
  const found = list.find((entry) => entry.name === name);
  if (!found) throw new UserError(`Cannot find the ${what} "${name}" in the kubeconfig`);
  return found;
}

async function readTls(config: Kubeconfig, cluster: KubeconfigCluster, user: KubeconfigUser): Promise<TlsOptions> {
  const ca = await readPem(config, cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const cert = await readPem(config, user["client-certificate-data"], user["client-certificate"]);
  const key = await readPem(config, user["client-key-data"], user["client-key"]);
  const serverName = cluster["tls-server-name"];
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(serverName !== undefined && { serverName }),
    ...(cluster["insecure-skip-tls-verify"] && { insecureSkipTlsVerify: true }),
  };
}

/** Data wins over a file, as in client-go. */
async function readPem(config: Kubeconfig, data: string | undefined, path: string | undefined) {
  if (data) return Buffer.from(data, "base64").toString("utf8");
  return path ? readFile(resolvePath(config, path), "utf8") : undefined;
}

function resolvePath(config: Kubeconfig, path: string): string {
  return isAbsolute(path) || config.folder === undefined ? path : join(config.folder, path);
}
