// Tokens that a program hands out each time: kubeconfig's exec plug-ins (client.authentication.k8s.io), as clouds have them.

import { type Exec, UserError } from "#shared";
import type { FetchedToken } from "./http/credentials.ts";

/** What a kubeconfig says of the program. */
export interface ExecPlugin {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly installHint?: string;
}

/** Runs it. Throws UserError where it is missing, fails, or answers with something else than a token. */
export async function runExecPlugin(plugin: ExecPlugin, exec: Exec): Promise<FetchedToken> {
  const { apiVersion = "client.authentication.k8s.io/v1", command, args, env, installHint } = plugin;
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const given = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const hints = installHint ? [installHint] : [];
  try {
    const { stdout } = await exec([command, ...(args ?? [])], {
      env: { ...given, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    });
    const { status } = JSON.parse(stdout) as { status?: { token?: string; expirationTimestamp?: string } };
    if (!status?.token) throw new Error("it gave no token");
    const expiresAt = Date.parse(status.expirationTimestamp ?? "");
    return { token: status.token, ...(Number.isFinite(expiresAt) && { expiresAt }) };
  } catch (cause) {
    throw new UserError(`Cannot log in to the cluster by ${command}: ${(cause as Error).message}`, { hints, cause });
  }
}
