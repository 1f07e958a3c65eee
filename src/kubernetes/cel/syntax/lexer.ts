// Text to tokens, by CEL's grammar, longest match first. What is no token is reported in the words of the generated lexer that
// cel-go uses: from the start of the attempt up to the character that spoiled it.

export type TokenType = string;

/** A token: its type is its own text for symbols and keywords, else a name such as IDENTIFIER; "EOF" ends them. */
export interface Token {
  readonly type: TokenType;
  readonly text: string;
  readonly start: number;
}

export interface LexicalProblem {
  readonly text: string;
  readonly offset: number;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  readonly problems: readonly LexicalProblem[];
}

const KEYWORDS = new Set(["in", "true", "false", "null"]);
const SYMBOLS2 = new Set(["==", "!=", "<=", ">=", "&&", "||"]);
const SYMBOLS1 = new Set("<>[]{}().,-!?:+*/%");
const BLANKS = /[\t \r\n\f]+/y;
const COMMENT = /\/\/[^\n]*/y;
const NUMBER = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|(0x[0-9a-fA-F]+|\d+)([uU]?)/y;
const IDENTIFIER = /[A-Za-z_][A-Za-z0-9_]*/y;
const ESCAPED_IDENTIFIER = /`[A-Za-z0-9_.\-/ ]+(`?)/y;
const STRING_PREFIX = /[bB]?[rR]?(?=["'])/y;
const ESCAPE =
  /\\(?:[abfnrtv"'\\?`]|[0-3](?:[0-7](?:[0-7])?)?|[xX](?:[0-9a-fA-F]{0,2})|u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8})?/y;

type Attempt = { readonly token: Token } | { readonly spoiledAt: number } | undefined;

export function tokenize(text: string): Tokens {
  const tokens: Token[] = [];
  const problems: LexicalProblem[] = [];
  let at = 0;
  while (at < text.length) {
    const skipped = matchAt(BLANKS, text, at) ?? matchAt(COMMENT, text, at);
    if (skipped) {
      at += skipped[0].length;
      continue;
    }
    const attempt = readToken(text, at);
    if (attempt && "token" in attempt) {
      tokens.push(attempt.token);
      at += attempt.token.text.length;
      continue;
    }
    const end = nextCharacter(text, attempt?.spoiledAt ?? at);
    problems.push({ text: text.slice(at, end), offset: at });
    at = end;
  }
  tokens.push({ type: "EOF", text: "<EOF>", start: text.length });
  return { tokens, problems };
}

function nextCharacter(text: string, at: number): number {
  return Math.min(text.length, at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1));
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function readToken(text: string, at: number): Attempt {
  const string = readString(text, at);
  if (string && "token" in string) return string;
  const identifier = matchAt(IDENTIFIER, text, at);
  if (identifier) {
    const word = identifier[0];
    return { token: { type: KEYWORDS.has(word) ? word : "IDENTIFIER", text: word, start: at } };
  }
  return string ?? readNumber(text, at) ?? readSymbol(text, at) ?? readEscapedIdentifier(text, at);
}

function readNumber(text: string, at: number): Attempt {
  const match = matchAt(NUMBER, text, at);
  if (!match) return undefined;
  const type = match[1] === undefined ? "NUM_FLOAT" : match[2] ? "NUM_UINT" : "NUM_INT";
  return { token: { type, text: match[0], start: at } };
}

function readSymbol(text: string, at: number): Attempt {
  const two = text.slice(at, at + 2);
  if (SYMBOLS2.has(two)) return { token: { type: two, text: two, start: at } };
  const one = text[at]!;
  if (SYMBOLS1.has(one)) return { token: { type: one, text: one, start: at } };
  return "=&|".includes(one) ? { spoiledAt: at + 1 } : undefined;
}

function readEscapedIdentifier(text: string, at: number): Attempt {
  if (text[at] !== "`") return undefined;
  const match = matchAt(ESCAPED_IDENTIFIER, text, at);
  if (match?.[1]) return { token: { type: "ESC_IDENTIFIER", text: match[0], start: at } };
  return { spoiledAt: at + (match?.[0].length ?? 1) };
}

function readString(text: string, at: number): Attempt {
  const prefix = matchAt(STRING_PREFIX, text, at)?.[0];
  if (prefix === undefined) return undefined;
  const type = /^[bB]/.test(prefix) ? "BYTES" : "STRING";
  const raw = /[rR]$/.test(prefix);
  const open = at + prefix.length;
  const quote = text[open]!;
  const triple = text.startsWith(quote.repeat(3), open);
  const end =
    (triple ? endOfString(text, open + 3, { close: quote.repeat(3), raw, lines: true }) : undefined) ??
    endOfString(text, open + 1, { close: quote, raw, lines: false })!;
  if ("spoiledAt" in end) return triple ? { token: { type, text: text.slice(at, open + 2), start: at } } : end;
  return { token: { type, text: text.slice(at, end.closed), start: at } };
}

interface StringForm {
  readonly close: string;
  readonly raw: boolean;
  readonly lines: boolean;
}

/** Where the string ends, or is spoiled; undefined for a spoiled multi-line string, which is then read as an empty one. */
function endOfString(
  text: string,
  from: number,
  form: StringForm,
): { readonly closed: number } | { readonly spoiledAt: number } | undefined {
  let at = from;
  for (;;) {
    if (at >= text.length) break;
    if (text.startsWith(form.close, at)) return { closed: at + form.close.length };
    const character = text[at]!;
    if (!form.lines && (character === "\n" || character === "\r")) break;
    if (character === "\\" && !form.raw) {
      const sequence = matchAt(ESCAPE, text, at)![0];
      at += sequence.length;
      if (!isWholeEscape(sequence)) break;
      continue;
    }
    at++;
  }
  return form.lines ? undefined : { spoiledAt: at };
}

function isWholeEscape(sequence: string): boolean {
  switch (sequence[1]) {
    case undefined:
      return false;
    case "x":
    case "X":
      return sequence.length === 4;
    case "u":
      return sequence.length === 6;
    case "U":
      return sequence.length === 10;
    case "0":
    case "1":
    case "2":
    case "3":
      return sequence.length === 4;
    default:
      return true;
  }
}
