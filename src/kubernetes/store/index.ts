// The versioned store: one contract, its engines, and the suite every engine runs.

export { type RestoreOptions, restoreSnapshot } from "./backup.ts";
export { type EmbeddedStoreOptions, type LogLimits, openEmbeddedStore } from "./embedded-store.ts";
export { bumpEtcdSnapshot } from "./etcd/bump-snapshot.ts";
export { createEtcdClient, type EtcdClient, type EtcdClientOptions } from "./etcd/etcd-client.ts";
export { type EtcdStore, type EtcdStoreOptions, openEtcdStore } from "./etcd/etcd-store.ts";
export type { LocalStore, LocalStoreOptions } from "./local-store.ts";
export { openMemoryStore } from "./memory-store.ts";
export * from "./store.ts";
export type { HistoryLimits } from "./versioned-index.ts";
