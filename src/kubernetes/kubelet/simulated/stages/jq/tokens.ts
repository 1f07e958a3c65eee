// Splits a jq expression into words.

export type JqToken =
  | { readonly type: "field"; readonly name: string }
  | { readonly type: "string"; readonly text: string }
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "word"; readonly text: string }
  | { readonly type: "sign"; readonly text: string }
  | { readonly type: "end" };

const spaces = /\s+/y;
const field = /\.([A-Za-z_]\w*)/y;
const string = /"(?:[^"\\]|\\.)*"/y;
const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /[A-Za-z_]\w*/y;
const sign = /==|!=|<=|>=|\/\/|[.[\]()|,<>?;+*:-]/y;

/** Throws where the text is no jq of the kind understood here. */
export function readJqTokens(source: string): JqToken[] {
  const tokens: JqToken[] = [];
  let at = 0;
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const match = expression.exec(source);
    if (match) at += match[0].length;
    return match;
  };
  while (at < source.length) {
    if (take(spaces)) continue;
    const token = readToken(take);
    if (!token) throw new Error(`jq: can't read ${JSON.stringify(source.slice(at))}`);
    tokens.push(token);
  }
  return [...tokens, { type: "end" }];
}

function readToken(take: (expression: RegExp) => RegExpExecArray | null): JqToken | undefined {
  let match = take(field);
  if (match) return { type: "field", name: match[1]! };
  match = take(string);
  if (match) return { type: "string", text: JSON.parse(match[0]) as string };
  match = take(number);
  if (match) return { type: "number", value: Number(match[0]) };
  match = take(word);
  if (match) return { type: "word", text: match[0] };
  match = take(sign);
  return match ? { type: "sign", text: match[0] } : undefined;
}
