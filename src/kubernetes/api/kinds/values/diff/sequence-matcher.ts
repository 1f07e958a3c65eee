// Which runs of lines two texts have in common, found as Python's difflib (and Go's port of it, which upstream uses) finds
// them: the longest common run first, then the same on both sides of it. Lines that occur very often never start a run.

/** `size` lines from `a` on in the one and from `b` on in the other are the same. */
export interface MatchingBlock {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

/** What turns lines aStart..aEnd of the old into lines bStart..bEnd of the new. */
export interface EditOperation {
  readonly kind: "equal" | "replace" | "delete" | "insert";
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** In texts of so many lines, those that make up more than a hundredth are too common to tell places apart. */
const manyLines = 200;

export function editOperations(a: readonly string[], b: readonly string[]): EditOperation[] {
  const operations: EditOperation[] = [];
  let [i, j] = [0, 0];
  for (const block of matchingBlocks(a, b)) {
    if (i < block.a || j < block.b) {
      const kind = i === block.a ? "insert" : j === block.b ? "delete" : "replace";
      operations.push({ kind, aStart: i, aEnd: block.a, bStart: j, bEnd: block.b });
    }
    [i, j] = [block.a + block.size, block.b + block.size];
    if (block.size > 0) operations.push({ kind: "equal", aStart: block.a, aEnd: i, bStart: block.b, bEnd: j });
  }
  return operations;
}

/** In order, touching ones joined; the last one is empty and lies at both ends. */
function matchingBlocks(a: readonly string[], b: readonly string[]): MatchingBlock[] {
  const places = placesOf(b);
  const found: MatchingBlock[] = [];
  const collect = (aStart: number, aEnd: number, bStart: number, bEnd: number): void => {
    const block = longestMatch(a, b, places, { aStart, aEnd, bStart, bEnd });
    if (block.size === 0) return;
    if (aStart < block.a && bStart < block.b) collect(aStart, block.a, bStart, block.b);
    found.push(block);
    const [aNext, bNext] = [block.a + block.size, block.b + block.size];
    if (aNext < aEnd && bNext < bEnd) collect(aNext, aEnd, bNext, bEnd);
  };
  collect(0, a.length, 0, b.length);
  return [...joinTouching(found), { a: a.length, b: b.length, size: 0 }];
}

function joinTouching(blocks: readonly MatchingBlock[]): MatchingBlock[] {
  const joined: MatchingBlock[] = [];
  for (const block of blocks) {
    const last = joined.at(-1);
    const touches = last && last.a + last.size === block.a && last.b + last.size === block.b;
    if (touches) joined[joined.length - 1] = { ...last, size: last.size + block.size };
    else joined.push(block);
  }
  return joined;
}

/** Where each line that is not too common occurs. */
function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [index, line] of lines.entries()) {
    const known = places.get(line);
    if (known) known.push(index);
    else places.set(line, [index]);
  }
  if (lines.length < manyLines) return places;
  const most = Math.floor(lines.length / 100) + 1;
  for (const [line, indexes] of places) if (indexes.length > most) places.delete(line);
  return places;
}

interface Region {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** Of several equally long runs the one that starts first in a, then in b; grown by equal lines on both sides. */
function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  region: Region,
): MatchingBlock {
  let [bestA, bestB, size] = [region.aStart, region.bStart, 0];
  let lengths = new Map<number, number>();
  for (let i = region.aStart; i < region.aEnd; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? "") ?? []) {
      if (j < region.bStart) continue;
      if (j >= region.bEnd) break;
      const length = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, length);
      if (length > size) [bestA, bestB, size] = [i - length + 1, j - length + 1, length];
    }
    lengths = next;
  }
  while (bestA > region.aStart && bestB > region.bStart && a[bestA - 1] === b[bestB - 1]) {
    [bestA, bestB, size] = [bestA - 1, bestB - 1, size + 1];
  }
  while (bestA + size < region.aEnd && bestB + size < region.bEnd && a[bestA + size] === b[bestB + size]) size++;
  return { a: bestA, b: bestB, size };
}
