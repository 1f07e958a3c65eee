// Many calls at a time, but not all at once.

const width = 16;

/** Runs them, so many at a time. When it rejects nothing is under way any more that could come after whatever is done next. */
export async function allEnded(calls: readonly (() => Promise<void>)[]): Promise<void> {
  const next = calls.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const call of next) {
      try {
        await call();
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, calls.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
