// Makes many calls at once: carefully where the first failure likely means that all would fail, else in large batches.

export interface SlowStartResult {
  readonly succeeded: number;
  /** The first failure of the batch that had one; nothing was tried after that batch. */
  readonly failure: unknown;
}

/** Larger batches would keep everybody else from the event loop for too long. */
const largestBatch = 256;

/** Calls `action` `count` times in batches of 1, 2, 4, … calls side by side, as long as whole batches succeed. */
export async function slowStart(count: number, action: (position: number) => Promise<void>): Promise<SlowStartResult> {
  let succeeded = 0;
  let position = 0;
  for (let size = 1; position < count; size = Math.min(size * 2, largestBatch)) {
    const batch = Array.from({ length: Math.min(size, count - position) }, () => action(position++));
    const results = await Promise.allSettled(batch);
    const failures = results.filter((result) => result.status === "rejected");
    succeeded += results.length - failures.length;
    if (failures.length > 0) return { succeeded, failure: failures[0]!.reason };
  }
  return { succeeded, failure: undefined };
}

/** Calls `action` for all items, many side by side; goes through all of them, then throws the first failure. */
export async function inBatches<T>(items: readonly T[], action: (item: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  for (let start = 0; start < items.length; start += largestBatch) {
    const results = await Promise.allSettled(items.slice(start, start + largestBatch).map(action));
    for (const result of results) if (result.status === "rejected") failures.push(result.reason);
  }
  if (failures.length > 0) throw failures[0];
}
