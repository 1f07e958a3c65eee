// Finds its way in Go source: what is between braces, and the entries of a composite literal. Strings and comments are skipped.

/** Where the string, comment or single character at `at` ends. */
function skip(text: string, at: number): number {
  const rest = text.slice(at, at + 2);
  if (rest === "//") return endOf(text, "\n", at);
  if (rest === "/*") return endOf(text, "*/", at) + 2;
  if (rest[0] === "`") return endOf(text, "`", at + 1) + 1;
  if (rest[0] !== '"') return at + 1;
  let end = at + 1;
  while (text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
  return end + 1;
}

function endOf(text: string, what: string, from: number): number {
  const end = text.indexOf(what, from);
  return end < 0 ? text.length : end;
}

/** What lies between the brace at `open` and its counterpart. */
export function bodyAfter(text: string, open: number): string {
  let depth = 0;
  for (let at = open; at < text.length; at = skip(text, at)) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return text.slice(open + 1, at);
  }
  throw new Error(`Cannot read Go source: a brace is never closed: ${text.slice(open, open + 60)}`);
}

/** The "key: value" entries of a composite literal's body; strings keep their quotes. */
export function splitEntries(body: string): (readonly [string, string])[] {
  const entries: (readonly [string, string])[] = [];
  let depth = 0;
  let start = 0;
  let colon = -1;
  const end = (at: number) => {
    const key = withoutComments(body.slice(start, colon < 0 ? at : colon));
    if (colon >= 0 && key !== "") entries.push([key, body.slice(colon + 1, at).trim()]);
    start = at + 1;
    colon = -1;
  };
  for (let at = 0; at < body.length; at = skip(body, at)) {
    const char = body[at]!;
    if ("({[".includes(char)) depth++;
    else if (")}]".includes(char)) depth--;
    else if (depth === 0 && char === ":" && colon < 0) colon = at;
    else if (depth === 0 && char === ",") end(at);
  }
  end(body.length);
  return entries;
}

function withoutComments(text: string): string {
  return text.replace(/\/\/.*$/gm, "").trim();
}
