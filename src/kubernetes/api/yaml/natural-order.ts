// The order of keys in YAML answers, go-yaml's: numbers in keys count as numbers, letters come after everything else.

/** Below, at or above 0 as `a` comes before, with or after `b`. */
export function compareNaturally(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((character, index) => character !== right[index]);
  if (at < 0 || at >= right.length) return left.length - right.length;
  const [x = "", y = ""] = [left[at], right[at]];
  if (isLetter(x) || isLetter(y)) {
    if (isLetter(x) && isLetter(y)) return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
    return isLetter(x) ? 1 : -1;
  }
  const [m, n] = [digitsFrom(left, at), digitsFrom(right, at)];
  const lead = (x === "0" || y === "0") && /[1-9][0-9]*$/.test(left.slice(0, at).join("")) ? "1" : "0";
  const byNumber = BigInt(lead + m) - BigInt(lead + n);
  if (byNumber !== 0n) return byNumber < 0n ? -1 : 1;
  return m.length - n.length || (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
}

function isLetter(character: string): boolean {
  return /^\p{L}$/u.test(character);
}

function digitsFrom(characters: readonly string[], at: number): string {
  let end = at;
  while (/^[0-9]$/.test(characters[end] ?? "")) end++;
  return characters.slice(at, end).join("");
}
