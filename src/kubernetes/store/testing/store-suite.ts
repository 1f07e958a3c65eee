// The tests every engine of the store must pass, whatever lies behind it.

import { describe } from "node:test";
import type { Store } from "../store.ts";
import type { HistoryLimits } from "../versioned-index.ts";
import { testHistory } from "./suite-history.ts";
import { testLife } from "./suite-life.ts";
import { testLists } from "./suite-lists.ts";
import { testRandomHistories } from "./suite-random.ts";
import { testWatches } from "./suite-watches.ts";
import { testWrites } from "./suite-writes.ts";

/** A store made for one test, and closed by its end. */
export interface OpenedStore {
  readonly store: Store;
  /** Lets time pass for the store: expiry, and the age of its history. */
  elapse(ms: number): Promise<void>;
  /** Closes the store and opens it on the same data. Absent where nothing outlives the store. */
  readonly reopen?: () => Promise<Store>;
}

export interface Engine {
  readonly name: string;
  /** Whether objects with a ttl go by the test's clock. False where another process's does. Default: true. */
  readonly expiresByClock?: boolean;
  /** A new, empty store. */
  open(options?: { readonly history?: HistoryLimits }): Promise<OpenedStore>;
}

/** Declares the suite for an engine. */
export function testStore(engine: Engine): void {
  describe(`store suite: ${engine.name}`, () => {
    testWrites(engine);
    testLists(engine);
    testWatches(engine);
    testHistory(engine);
    testLife(engine);
    testRandomHistories(engine);
  });
}
