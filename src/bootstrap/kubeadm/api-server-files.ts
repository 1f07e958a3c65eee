// Files that a configuration names for the API server: read on this machine, handed to every control plane, and named by flags.

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { ClusterConfig } from "#config";
import { describeError, exitCodes, UserError } from "#shared";
import type { FileSpec } from "../machine-description.ts";
import { apiServerFolder } from "./paths.ts";

export interface HandedFile {
  /** Of kube-apiserver, without dashes. */
  readonly flag: string;
  /** On this machine. */
  readonly source: string;
  /** On control planes. */
  readonly path: string;
}

const flags = {
  encryptionProviderConfig: "encryption-provider-config",
  authenticationConfig: "authentication-config",
  authenticationTokenWebhookConfig: "authentication-token-webhook-config-file",
  authorizationConfig: "authorization-config",
  auditPolicy: "audit-policy-file",
} as const;

export function handedFiles({ controlPlane }: ClusterConfig): HandedFile[] {
  return Object.entries(flags).flatMap(([field, flag]) => {
    const source = controlPlane.apiServer[field as keyof typeof flags];
    return source === undefined ? [] : [{ flag, source, path: `${apiServerFolder}/${flag}.yaml` }];
  });
}

/** Throws a UserError for one that cannot be read. They may hold keys. */
export async function readHandedFiles(config: ClusterConfig): Promise<FileSpec[]> {
  return Promise.all(
    handedFiles(config).map(async ({ source, path, flag }) => ({
      path,
      content: await readGivenFile(source, flag),
      mode: 0o600,
      secret: true,
    })),
  );
}

export async function readGivenFile(source: string, purpose: string): Promise<string> {
  try {
    return await readFile(source, "utf8");
  } catch (cause) {
    throw new UserError(`Cannot read ${basename(source)} for ${purpose}: ${describeError(cause)}`, {
      hints: [`The configuration names it as ${source}.`],
      exitCode: exitCodes.notFound,
      cause,
    });
  }
}
