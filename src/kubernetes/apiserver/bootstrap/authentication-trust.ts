// Tells API servers that this one aggregates whom they can trust: the ConfigMap kube-system/extension-apiserver-authentication,
// which a role that comes with every server lets them read. What other servers on the same data have put there stays.

import type { ConfigMap, KubeObject } from "#kubernetes/api";
import type { FrontProxyOptions } from "../options.ts";
import type { RegistryContext } from "../registry/context.ts";
import { modifyObject } from "../registry/modify.ts";
import { create } from "./bootstrap.ts";

export interface TrustOptions {
  readonly frontProxy?: FrontProxyOptions;
  /** PEM of the authorities of client certificates. */
  readonly clientAuthority?: string;
}

const name = "extension-apiserver-authentication";
const namespace = "kube-system";

export async function publishTrust(context: RegistryContext, options: TrustOptions): Promise<void> {
  const wished = trustData(options);
  if (Object.keys(wished).length === 0) return;
  const resource = context.resource("", "configmaps");
  await create(context, resource, { metadata: { name, namespace }, data: wished } as KubeObject);
  await modifyObject<ConfigMap>(resource, { namespace, name }, (live) => {
    const data = combine(live.data ?? {}, wished);
    const isSame = Object.entries(data).every(([key, value]) => live.data?.[key] === value);
    return isSame ? live : { ...live, data };
  });
}

function trustData({ frontProxy, clientAuthority }: TrustOptions): Record<string, string> {
  return {
    ...(clientAuthority && { "client-ca-file": clientAuthority }),
    ...(frontProxy && {
      "requestheader-username-headers": '["X-Remote-User"]',
      "requestheader-uid-headers": '["X-Remote-Uid"]',
      "requestheader-group-headers": '["X-Remote-Group"]',
      "requestheader-extra-headers-prefix": '["X-Remote-Extra-"]',
      "requestheader-client-ca-file": frontProxy.authority,
      "requestheader-allowed-names": JSON.stringify(frontProxy.names ?? []),
    }),
  };
}

function combine(present: Readonly<Record<string, string>>, wished: Readonly<Record<string, string>>) {
  const combined = Object.entries(wished).map(([key, value]) => {
    const before = present[key];
    if (!before) return [key, value] as const;
    return [key, value.startsWith("[") ? combineLists(before, value) : combineCertificates(before, value)] as const;
  });
  return { ...present, ...Object.fromEntries(combined) };
}

/** What cannot be read is no list that a server has written. */
function combineLists(before: string, wished: string): string {
  const listed = (text: string) => {
    try {
      return JSON.parse(text) as string[];
    } catch {
      return [];
    }
  };
  return JSON.stringify([...new Set([...listed(before), ...listed(wished)])]);
}

const certificate = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function combineCertificates(before: string, wished: string): string {
  const all = [...before.matchAll(certificate), ...wished.matchAll(certificate)].map(([pem]) => pem);
  return `${[...new Set(all)].join("\n")}\n`;
}
