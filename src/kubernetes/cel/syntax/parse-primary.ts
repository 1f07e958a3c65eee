// The innermost parts of an expression: names, calls, parentheses, lists, maps, messages and literals.

import type { CelValue } from "../values/value.ts";
import type { Expr, FieldExpr, MapEntryExpr } from "./expr.ts";
import type { Token } from "./lexer.ts";
import { LiteralError, readBytes, readDouble, readInt, readString, readUint } from "./literals.ts";
import type { Grammar } from "./parse.ts";
import { FIRST_PRIMARY, FIRST_UNARY, FOLLOW_EXPR, FOLLOW_MEMBER } from "./token-sets.ts";
import type { TokenStream } from "./token-stream.ts";

const RESERVED = new Set(
  (
    "as break const continue else false for function if import in let loop package namespace null return true var void " +
    "while"
  ).split(" "),
);

export function parsePrimary(grammar: Grammar): Expr {
  const { tokens } = grammar;
  tokens.expect(FIRST_PRIMARY);
  switch (tokens.peek().type) {
    case "(":
      return parseNested(grammar);
    case "[":
      return parseList(grammar);
    case "{":
      return parseMap(grammar);
    case ".":
    case "IDENTIFIER":
      return parseName(grammar);
    default:
      return parseLiteral(grammar);
  }
}

function parseNested(grammar: Grammar): Expr {
  const { tokens } = grammar;
  tokens.take();
  const expr = tokens.within([")"], grammar.expression);
  matchClosing(tokens, ")");
  return expr;
}

function matchClosing(tokens: TokenStream, type: string): void {
  tokens.match(type, new Set([...FOLLOW_MEMBER, ...tokens.closers]));
}

/** A name, a call of a function, or a message: names with dots and a brace. */
function parseName(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  const dots = tokens.isNext(".") ? 1 : 0;
  if (!tokens.isNext("IDENTIFIER", dots)) throw tokens.noAlternative(dots);
  if (startsMessage(tokens, dots)) return parseMessage(grammar);
  const prefix = tokens.takeIf(".") ? "." : "";
  const name = tokens.take();
  const open = tokens.takeIf("(");
  if (!open) {
    if (RESERVED.has(name.text)) return build.broken(name.start, `reserved identifier: ${name.text}`);
    return build.ident(name.start, prefix + name.text);
  }
  const id = build.id(open.start);
  const args = parseArguments(grammar);
  if (RESERVED.has(name.text)) return build.broken(name.start, `reserved identifier: ${name.text}`);
  return build.call({ id, name: prefix + name.text, args });
}

function startsMessage(tokens: TokenStream, from: number): boolean {
  let at = from + 1;
  while (tokens.isNext(".", at) && tokens.isNext("IDENTIFIER", at + 1)) at += 2;
  return tokens.isNext("{", at);
}

const LIST_CLOSERS = [",", "]"];
const MAP_CLOSERS = [",", "}"];
const FIRST_LIST = new Set([...FIRST_UNARY, "?", ",", "]"]);
const FIRST_MAP = new Set([...FIRST_UNARY, "?", ",", "}"]);
const FIRST_FIELDS = new Set(["}", ",", "?", "IDENTIFIER", "ESC_IDENTIFIER"]);

function parseList(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  const id = build.id(tokens.take().start);
  const elements: Expr[] = [];
  const optionals = new Set<number>();
  tokens.expect(FIRST_LIST);
  tokens.within(LIST_CLOSERS, () => {
    readItems(tokens, isItemStart, () => {
      if (tokens.takeIf("?")) optionals.add(elements.length);
      elements.push(grammar.expression());
    });
  });
  closeItems(tokens, "]");
  return { kind: "list", id, elements, optionals };
}

function isItemStart(token: Token): boolean {
  return token.type === "?" || FIRST_UNARY.has(token.type);
}

function isFieldStart({ type }: Token): boolean {
  return type === "?" || type === "IDENTIFIER" || type === "ESC_IDENTIFIER";
}

/** Items between commas; a comma after the last is left to be taken. */
function readItems(tokens: TokenStream, isStart: (token: Token) => boolean, read: () => void): void {
  if (!isStart(tokens.peek())) return;
  read();
  while (tokens.isNext(",") && isStart(tokens.peek(1))) {
    tokens.take();
    read();
  }
}

function closeItems(tokens: TokenStream, close: string): void {
  tokens.expect(new Set([",", close]));
  tokens.takeIf(",");
  matchClosing(tokens, close);
}

function parseMap(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  const id = build.id(tokens.take().start);
  const entries: MapEntryExpr[] = [];
  tokens.expect(FIRST_MAP);
  tokens.within(MAP_CLOSERS, () => {
    tokens.rule("mapInitializerList", FOLLOW_EXPR, () =>
      readItems(tokens, isItemStart, () => entries.push(parseEntry(grammar))),
    );
  });
  closeItems(tokens, "}");
  return { kind: "map", id, entries };
}

function parseEntry({ tokens, build, expression }: Grammar): MapEntryExpr {
  const optional = tokens.takeIf("?") !== undefined;
  const key = tokens.within([":"], expression);
  const colon = tokens.match(":", FIRST_UNARY);
  const id = build.id(colon.start);
  return { id, key, value: expression(), optional };
}

function parseMessage(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  let typeName = "";
  while (!tokens.isNext("{")) typeName += tokens.take().text;
  const id = build.id(tokens.take().start);
  const fields: FieldExpr[] = [];
  tokens.expect(FIRST_FIELDS);
  tokens.within(MAP_CLOSERS, () => {
    tokens.rule("fieldInitializerList", FOLLOW_EXPR, () =>
      readItems(tokens, isFieldStart, () => fields.push(parseField(grammar))),
    );
  });
  closeItems(tokens, "}");
  return { kind: "struct", id, typeName, fields };
}

const FIELD_NAMES = new Set(["IDENTIFIER", "ESC_IDENTIFIER"]);

function parseField({ tokens, build, expression }: Grammar): FieldExpr {
  const optional = tokens.takeIf("?") !== undefined;
  tokens.expect(FIELD_NAMES);
  const name = tokens.take();
  if (name.type === "ESC_IDENTIFIER") build.broken(name.start, "unsupported syntax: '`'");
  const colon = tokens.match(":", FIRST_UNARY);
  const id = build.id(colon.start);
  return { id, name: name.text, value: expression(), optional };
}

function parseLiteral({ tokens, build }: Grammar): Expr {
  const start = tokens.peek().start;
  const negative = tokens.takeIf("-") !== undefined;
  const token = tokens.take();
  try {
    return build.literal(start, literalValue(token, negative));
  } catch (error) {
    if (error instanceof LiteralError) return build.broken(start, error.message);
    throw error;
  }
}

function literalValue({ type, text }: Token, negative: boolean): CelValue {
  switch (type) {
    case "NUM_INT":
      return readInt(text, negative);
    case "NUM_UINT":
      return readUint(text);
    case "NUM_FLOAT":
      return readDouble(text, negative);
    case "STRING":
      return readString(text);
    case "BYTES":
      return readBytes(text);
    case "null":
      return null;
    default:
      return type === "true";
  }
}

const FIRST_ARGUMENTS = new Set([...FIRST_UNARY, ")"]);

/** The arguments after an opening parenthesis, and the closing one. */
export function parseArguments(grammar: Grammar): Expr[] {
  const { tokens } = grammar;
  const args: Expr[] = [];
  tokens.expect(FIRST_ARGUMENTS);
  tokens.within([",", ")"], () => {
    if (tokens.isNext(")")) return;
    args.push(grammar.expression());
    while (tokens.takeIf(",")) args.push(grammar.expression());
  });
  tokens.match(")", new Set([...FOLLOW_MEMBER, ...tokens.closers]));
  return args;
}
