// Names of fields as expressions write them: what is no identifier, or means something else, is escaped.

const RESERVED: ReadonlySet<string> = new Set(
  (
    "true false null in as break const continue else for function if import let loop package namespace return var void " +
    "while"
  ).split(" "),
);

const ESCAPES: Readonly<Record<string, string>> = {
  __: "__underscores__",
  ".": "__dot__",
  "-": "__dash__",
  "/": "__slash__",
};

/** The name as an identifier; undefined where it cannot be one: expressions do not reach such fields. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z_./-][\w./-]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => ESCAPES[part]!);
}

const UNESCAPES: Readonly<Record<string, string>> = { underscores: "__", dot: ".", dash: "-", slash: "/" };

/** The name of a field that an identifier stands for; undefined where it stands for none. */
export function unescapeName(escaped: string): string | undefined {
  if (!escaped.includes("__")) return escaped;
  let isValid = true;
  const name = escaped.replace(/__([^_]+)__/g, (whole, inner: string) => {
    const plain = UNESCAPES[inner];
    if (plain !== undefined) return plain;
    if (!RESERVED.has(inner) || whole.length !== escaped.length) isValid = false;
    return inner;
  });
  return isValid ? name : undefined;
}

/** Words that may be written as field names although they are reserved. */
export function isReservedName(name: string): boolean {
  return RESERVED.has(name);
}
