// What the control plane's process reads and writes besides the API: its store (embedded, or etcd), encrypted or not, and the
// audit log.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { ControlPlaneOptions } from "#bootstrap";
import {
  type ApiServerOptions,
  type AuditLog,
  type AuditOptions,
  type Encryption,
  openAuditLog,
  openEncryption,
  readAuditPolicy,
  readAuthenticationConfiguration,
  readAuthorizationConfiguration,
  readWebhookKubeconfig,
  type StoreUpkeep,
} from "#kubernetes/apiserver";
import { type LocalStore, openEmbeddedStore, openEtcdStore, type Store } from "#kubernetes/store";
import { type Logger, systemClock } from "#shared";

export interface Data extends StoreUpkeep {
  readonly store: Store;
  readonly encryption: Encryption | undefined;
}

/** Opens the store that the options name. Throws a UserError where a file of theirs is wrong. */
export async function openData(options: ControlPlaneOptions, logger: Logger): Promise<Data> {
  const { encryptionProviderConfig: path } = options;
  const encryption =
    path === undefined
      ? undefined
      : await openEncryption(path, { apiServerId: apiServerId(), clock: systemClock, logger });
  return {
    encryption,
    ...(await openStore(options, { logger, ...(encryption && { transformer: encryption.transformer }) })),
  };
}

/** As upstream names an API server: by the host it is on. */
function apiServerId(): string {
  return `apiserver-${createHash("sha256").update(hostname()).digest("hex").slice(0, 32)}`;
}

async function openStore(
  { etcd, storeFolder }: ControlPlaneOptions,
  common: { readonly logger: Logger; readonly transformer?: Encryption["transformer"] },
): Promise<Omit<Data, "encryption">> {
  if (!etcd) {
    const store = await openEmbeddedStore({ ...common, folder: storeFolder });
    return { store, snapshot: () => snapshotOf(store, storeFolder), size: () => sizeOf(storeFolder) };
  }
  const read = async (file: string | undefined) => (file === undefined ? undefined : readFile(file, "utf8"));
  const [authority, certificate, key] = await Promise.all([etcd.caFile, etcd.certFile, etcd.keyFile].map(read));
  const tls = { ...(authority && { authority }), ...(certificate && { certificate }), ...(key && { key }) };
  const store = await openEtcdStore({ ...common, endpoints: etcd.endpoints, tls });
  const { client } = store;
  return {
    store,
    snapshot: () => client.snapshot(),
    defragment: () => client.defragment(),
    size: async () => (await client.status())[0]?.dbSize ?? 0,
  };
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(
    files.map(async (file) => {
      const found = await stat(join(folder, file), { throwIfNoEntry: false });
      return found?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Written to a file beside the store first, so that whoever reads slowly holds nothing up. */
async function* snapshotOf(store: LocalStore, storeFolder: string): AsyncIterable<Uint8Array> {
  const folder = await mkdtemp(`${storeFolder}-snapshot-`);
  try {
    const path = join(folder, "snapshot");
    await store.saveSnapshot(path);
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Undefined where nothing is to be written down. */
export async function openAudit({
  auditPolicy,
  auditLog,
}: ControlPlaneOptions): Promise<{ readonly options: AuditOptions; readonly log: AuditLog } | undefined> {
  if (auditPolicy === undefined) return undefined;
  const policy = readAuditPolicy(await readFile(auditPolicy, "utf8"));
  const log = openAuditLog({ path: auditLog, maxBackups: 10, clock: systemClock });
  return { options: { policy, sink: log }, log };
}

/** What tells who asks besides this cluster's own credentials, and who may do what besides its roles. */
export async function readAccess({
  authenticationConfig,
  authenticationTokenWebhookConfig,
  authorizationConfig,
}: ControlPlaneOptions): Promise<
  Pick<ApiServerOptions, "authentication" | "tokenWebhook" | "authorizationConfiguration">
> {
  const read = async (path: string | undefined) => (path === undefined ? undefined : readFile(path, "utf8"));
  const [configuration, webhook, authorization] = await Promise.all([
    read(authenticationConfig),
    read(authenticationTokenWebhookConfig),
    read(authorizationConfig),
  ]);
  return {
    ...(configuration !== undefined && { authentication: readAuthenticationConfiguration(configuration) }),
    ...(webhook !== undefined && { tokenWebhook: readWebhookKubeconfig(webhook, "token-webhook") }),
    ...(authorization !== undefined && { authorizationConfiguration: readAuthorizationConfiguration(authorization) }),
  };
}
