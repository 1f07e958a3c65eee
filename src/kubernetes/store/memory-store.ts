// The store without a disk: for tests, for clusters that need not outlive their process, and for forks.

import { assembleStore, type LocalStore, type LocalStoreOptions } from "./local-store.ts";
import { VersionedIndex } from "./versioned-index.ts";

/** An empty store in memory. Everything a store does but last. */
export function openMemoryStore(options: LocalStoreOptions = {}): LocalStore {
  const { history, clock, logger } = options;
  return assembleStore({ ...options, index: new VersionedIndex({ history, clock, logger }) });
}
