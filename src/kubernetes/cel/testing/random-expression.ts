// For tests: expressions by chance, some of them sound.

/** The same numbers for the same seed (mulberry32): below `bound`, from 0 on. */
export function randomNumbers(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

type Below = (bound: number) => number;

const pick = <T>(items: readonly T[], below: Below): T => items[below(items.length)]!;

const tokens = [
  ..."()[]{}.,:?!-+*/%<>='\"`@#\\",
  ..."&& || == != <= >= in true false null 1 0 1u 2.5 'a' b'b' r'\\d' 0x1f 1e9 x n s l m d".split(" "),
  ..."has( .map(x, .all(x, .exists(i, v, .filter(x, .?a [?0] {? .optMap(x, size( dyn( type( .format([".split(" "),
  "\n",
  " ",
  "// x\n",
];

export function randomTokens(below: Below): string {
  return Array.from({ length: 1 + below(14) }, () => pick(tokens, below)).join(pick(["", " "], below));
}

type Kind = "int" | "string" | "bool" | "list" | "map" | "dyn" | "double";

/** "$i" stands for an expression of such a kind. */
const shapes: Readonly<Record<Kind, readonly string[]>> = {
  int: [
    "1",
    "n",
    "0",
    "9223372036854775807",
    "($int + $int)",
    "($int * $int)",
    "($int / $int)",
    "-($int)",
    "size($list)",
    "$string.size()",
    "$list[$int]",
    "$map[$string]",
    "($bool ? $int : $int)",
    "int($double)",
    "int($string)",
    "$list.sum()",
    "$list.max()",
    "$list[?0].orValue($int)",
    "$map[?$string].orValue($int)",
    "$string.indexOf($string)",
    "timestamp($int).getHours()",
    "optional.of($int).optMap(o, o + $int).value()",
  ],
  string: [
    "'a'",
    "s",
    "''",
    "($string + $string)",
    "string($int)",
    "string($double)",
    "$string.substring($int)",
    "$string.replace($string, $string)",
    "'%s %s'.format([$int, $list])",
    "$string.split($string).join($string)",
    "$string.find('[a-z]+')",
    "$string.upperAscii().trim()",
    "$string.charAt($int)",
  ],
  bool: [
    "true",
    "($int == $int)",
    "($int < $int)",
    "($double >= $int)",
    "($string != $string)",
    "($bool && $bool)",
    "($bool || $bool)",
    "!($bool)",
    "($int in $list)",
    "($string in $map)",
    "$list.all(x, x > $int)",
    "$list.exists(i, v, i == v)",
    "$map.exists_one(k, k == $string)",
    "has($map.a)",
    "$string.matches('^a*$')",
    "($list == $list)",
    "($dyn == $dyn)",
    "isQuantity($string)",
    "sets.contains($list, $list)",
  ],
  list: [
    "[1, 2, 3]",
    "l",
    "[$int, $int]",
    "($list + $list)",
    "$list.map(x, x + $int)",
    "$list.filter(x, $bool)",
    "$map.map(k, $map[k])",
    "$list.transformList(i, v, i + v)",
    "lists.range($int % 5)",
    "$list.slice(0, $int)",
    "[$list, $list].flatten()",
    "$list.distinct()",
    "[?optional.of($int), 1]",
  ],
  map: [
    "{'a': 1}",
    "m",
    "{$string: $int}",
    "$map.transformMap(k, v, v + $int)",
    "{?$string: optional.of($int)}",
    "($bool ? $map : $map)",
  ],
  double: ["1.5", "double($int)", "($double * $double)", "($double / 0.0)", "double($string)"],
  dyn: ["d", "dyn($int)", "dyn($string)", "dyn($list)", "d.a", "d[$string]", "dyn(null)", "dyn($map)", "type($int)"],
};

const kinds = Object.keys(shapes) as Kind[];

/** An expression that is sound, though its value may be an error. */
export function randomExpression(below: Below, depth = 4, kind: Kind = pick(kinds, below)): string {
  const shape = depth === 0 ? shapes[kind][0]! : pick(shapes[kind], below);
  return shape.replace(/\$(\w+)/g, (_all, inner: string) => randomExpression(below, depth - 1, inner as Kind));
}

/** The text with a few letters gone, doubled, moved or strange. */
export function mutate(text: string, below: Below): string {
  let mutated = text;
  for (let change = 0; change <= below(3); change++) {
    const at = below(mutated.length + 1);
    const length = below(4);
    const piece = mutated.slice(at, at + length);
    const [before, after] = [mutated.slice(0, at), mutated.slice(at + length)];
    const changes = [before + after, before + piece + piece + after, before + pick(tokens, below) + piece + after];
    mutated = pick(changes, below);
  }
  return mutated;
}
