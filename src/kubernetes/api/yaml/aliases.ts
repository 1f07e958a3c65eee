// Aliases share one value among several places. What reads on changes values in place, so each place gets its own copy; but a
// few lines of aliases to aliases stand for billions of values, so there is a limit.

/** Upstream refuses documents that are mostly aliases from about here on. */
const mostValues = 400_000;

/** Stands for a value that cannot be copied, and says why. */
export class AliasError extends Error {}

/** A copy that shares nothing with itself. Throws AliasError where it would be too large, or would contain itself. */
export function copyAliased(value: unknown): unknown {
  const open = new Set<object>();
  let left = mostValues;
  return copy(value);

  function copy(part: unknown): unknown {
    if (--left < 0) throw new AliasError("yaml: document contains excessive aliasing");
    if (typeof part !== "object" || part === null) return part;
    if (open.has(part)) throw new AliasError("yaml: anchor value contains itself");
    open.add(part);
    const copied = Array.isArray(part)
      ? part.map(copy)
      : Object.fromEntries(Object.entries(part).map(([key, item]) => [key, copy(item)]));
    open.delete(part);
    return copied;
  }
}
