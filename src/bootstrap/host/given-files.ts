// Files that a configuration names on this machine: read here, handed to control planes, and found there where the distribution has them.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { ClusterConfig } from "#config";
import { describeError, exitCodes, UserError } from "#shared";
import type { FileSpec } from "../machine-description.ts";

export interface GivenFile {
  /** The configuration's field. */
  readonly field: string;
  /** On this machine. */
  readonly source: string;
  /** On control planes. */
  readonly path: string;
}

/** kube-apiserver's flags, without dashes, by our options. */
const apiServerFlags = {
  encryptionProviderConfig: "encryption-provider-config",
  authenticationConfig: "authentication-config",
  authenticationTokenWebhookConfig: "authentication-token-webhook-config-file",
  authorizationConfig: "authorization-config",
  auditPolicy: "audit-policy-file",
} as const;

export interface ApiServerFile extends GivenFile {
  readonly option: keyof typeof apiServerFlags;
  readonly flag: string;
}

/** What the API server reads when it starts, below `folder`. */
export function apiServerFiles({ controlPlane }: ClusterConfig, folder: string): ApiServerFile[] {
  return Object.entries(apiServerFlags).flatMap(([name, flag]) => {
    const option = name as keyof typeof apiServerFlags;
    const source = controlPlane.apiServer[option];
    if (source === undefined) return [];
    return [{ option, flag, field: `controlPlane.apiServer.${option}`, source, path: `${folder}/${flag}.yaml` }];
  });
}

export type EtcdFilePaths = Readonly<Record<"caFile" | "certFile" | "keyFile", string>>;

/** The certificates for an etcd of one's own. */
export function etcdFiles(
  { controlPlane }: ClusterConfig,
  paths: EtcdFilePaths,
): (GivenFile & { option: keyof EtcdFilePaths })[] {
  return Object.entries(paths).flatMap(([name, path]) => {
    const option = name as keyof EtcdFilePaths;
    const source = controlPlane.etcd?.[option];
    return source === undefined ? [] : [{ option, field: `controlPlane.etcd.${option}`, source, path }];
  });
}

/** For root alone, since they may hold keys. Throws a UserError for one that cannot be read. */
export function readGivenFiles(files: readonly GivenFile[]): Promise<FileSpec[]> {
  return Promise.all(
    files.map(async (file) => ({ path: file.path, content: await readGivenFile(file), mode: 0o600, secret: true })),
  );
}

export async function readGivenFile({ source, field }: Pick<GivenFile, "source" | "field">): Promise<string> {
  try {
    return await readFile(source, "utf8");
  } catch (cause) {
    throw new UserError(`Cannot read ${basename(source)} for ${field}: ${describeError(cause)}`, {
      hints: [`The configuration names it as ${source}.`],
      exitCode: exitCodes.notFound,
      cause,
    });
  }
}
