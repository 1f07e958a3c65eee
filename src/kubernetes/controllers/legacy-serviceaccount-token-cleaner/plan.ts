// Which tokens of service accounts, made by themselves in former times, nobody uses any more. Pure.

import type { Pod, Secret, ServiceAccount } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { isOfAccount, isTokenSecret } from "../serviceaccount-token/plan.ts";

export const lastUsedLabel = "kubernetes.io/legacy-token-last-used";
export const invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since";

export type TokenPlan = "keep" | "mark invalid" | "delete";

export interface TokenSurroundings {
  /** The account the Secret names. */
  readonly account: ServiceAccount | undefined;
  readonly isMounted: boolean;
  readonly nowMs: number;
  /** For how long a token must not have been used, and then be marked as invalid. */
  readonly unusedMs: number;
}

export function planToken(secret: Secret, { account, isMounted, nowMs, unusedMs }: TokenSurroundings): TokenPlan {
  const { creationTimestamp, deletionTimestamp, labels = {}, name } = secret.metadata;
  const createdMs = parseTime(creationTimestamp) ?? nowMs;
  if (!isTokenSecret(secret) || deletionTimestamp !== undefined || createdMs >= nowMs - unusedMs) return "keep";
  const limit = dateOf(nowMs - unusedMs);
  const lastUsed = labels[lastUsedLabel];
  if (lastUsed !== undefined && (!isDate(lastUsed) || lastUsed >= limit)) return "keep";
  // Those made by hand are not in the account's list.
  const isMadeByItself =
    account !== undefined &&
    isOfAccount(secret, account) &&
    (account.secrets?.some((one) => one.name === name) ?? false);
  if (!isMadeByItself || isMounted) return "keep";
  const invalidSince = labels[invalidSinceLabel] ?? "";
  if (!isDate(invalidSince)) return "mark invalid";
  return invalidSince >= limit ? "keep" : "delete";
}

/** "2026-01-31", as these labels are written. */
export function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && parseTime(text) !== undefined;
}

/** The names of all Secrets a pod reads. */
export function secretNames({ spec }: Pod): string[] {
  const containers = [
    ...(spec?.containers ?? []),
    ...(spec?.initContainers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ];
  const names = [
    ...(spec?.imagePullSecrets ?? []).map(({ name }) => name),
    ...containers.flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ...envFrom.map(({ secretRef }) => secretRef?.name),
    ]),
    ...(spec?.volumes ?? []).flatMap(({ secret, projected }) => [
      secret?.secretName,
      ...(projected?.sources ?? []).map((source) => source.secret?.name),
    ]),
  ];
  return names.filter((name) => name !== undefined && name !== "") as string[];
}
