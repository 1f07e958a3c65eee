// The Secrets that hold a service account's token for good: made by hand, filled here. Pure.

import type { Secret, ServiceAccount } from "#kubernetes/api";

export const accountName = "kubernetes.io/service-account.name";
export const accountUid = "kubernetes.io/service-account.uid";

export function isTokenSecret({ type }: Secret): boolean {
  return type === "kubernetes.io/service-account-token";
}

/** The account a Secret names is this very one. */
export function isOfAccount({ metadata }: Secret, account: ServiceAccount): boolean {
  const { annotations = {} } = metadata;
  const uid = annotations[accountUid];
  return annotations[accountName] === account.metadata.name && (!uid || uid === account.metadata.uid);
}

export interface MissingParts {
  readonly rootCa: boolean;
  readonly namespace: boolean;
  readonly token: boolean;
}

/** Undefined where nothing is. */
export function missingParts({ data = {} }: Secret, rootCa: string | undefined): MissingParts | undefined {
  const missing = {
    rootCa: rootCa !== undefined && data["ca.crt"] !== encode(rootCa),
    namespace: !data["namespace"],
    token: !data["token"],
  };
  return missing.rootCa || missing.namespace || missing.token ? missing : undefined;
}

/** @param token A new one, where the Secret has none. */
export function filledSecret(
  secret: Secret,
  account: ServiceAccount,
  { rootCa, token }: { readonly rootCa: string | undefined; readonly token: string | undefined },
): Secret {
  const { name = "", uid = "" } = account.metadata;
  const { namespace = "" } = secret.metadata;
  return {
    ...secret,
    metadata: {
      ...secret.metadata,
      annotations: { ...secret.metadata.annotations, [accountName]: name, [accountUid]: uid },
    },
    data: {
      ...secret.data,
      ...(rootCa !== undefined && { "ca.crt": encode(rootCa) }),
      ...(!secret.data?.["namespace"] && { namespace: encode(namespace) }),
      ...(token !== undefined && { token: encode(token) }),
    },
  };
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}
