// Reads label selectors from text: "app=web,tier in (a,b),!old". The grammar and every error text are upstream's
// (apimachinery's pkg/labels).

import { describeFieldError } from "../field-error.ts";
import {
  binaryOperators,
  checkKey,
  type LabelOperator,
  type LabelRequirement,
  makeRequirement,
  SelectorError,
} from "./requirement.ts";

type TokenKind = "(" | ")" | "," | "!" | "=" | "==" | "!=" | ">" | "<" | "in" | "notin" | "identifier" | "end";

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

/** The requirements of a selector, in the order written. Throws SelectorError. */
export function parseRequirements(text: string): LabelRequirement[] {
  const tokens = createTokens(text);
  const requirements: LabelRequirement[] = [];
  while (tokens.peek().kind !== "end") {
    if (!startsRequirement(tokens.peek())) throw unexpected(tokens.peek(), "!, identifier, or 'end of string'");
    requirements.push(parseRequirementOf(tokens));
    const after = tokens.take();
    if (after.kind === "end") break;
    if (after.kind !== ",") throw unexpected(after, "',' or 'end of string'");
    if (!startsRequirement(tokens.peek())) throw unexpected(tokens.peek(), "identifier after ','");
  }
  return requirements;
}

function startsRequirement(token: Token): boolean {
  return token.kind === "!" || isIdentifier(token);
}

/** "in" and "notin" are words like any other except where an operator is wanted. */
function isIdentifier({ kind }: Token): boolean {
  return kind === "identifier" || kind === "in" || kind === "notin";
}

function parseRequirementOf(tokens: Tokens): LabelRequirement {
  try {
    return parseRequirement(tokens);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new SelectorError(`unable to parse requirement: ${error.message}`);
  }
}

function parseRequirement(tokens: Tokens): LabelRequirement {
  const negated = tokens.peek().kind === "!";
  if (negated) tokens.take();
  const key = tokens.take();
  if (!isIdentifier(key)) throw unexpected(key, "identifier");
  const [problem] = checkKey(key.text, "<nil>");
  if (problem) throw new SelectorError(describeFieldError(problem));
  if (negated) return makeRequirement(key.text, "!", []);
  if (endsRequirement(tokens.peek())) return makeRequirement(key.text, "exists", []);
  const operator = parseOperator(tokens.take());
  const isSet = operator === "in" || operator === "notin";
  const values = isSet ? parseValues(tokens) : [parseExactValue(tokens)];
  return makeRequirement(key.text, operator, [...new Set(values)].sort());
}

function endsRequirement({ kind }: Token): boolean {
  return kind === "end" || kind === ",";
}

function parseOperator(token: Token): LabelOperator {
  if (token.kind === ">") return "gt";
  if (token.kind === "<") return "lt";
  const operator = binaryOperators.find((word) => word === token.kind);
  if (!operator) throw unexpected(token, binaryOperators.join(", "));
  return operator;
}

function parseExactValue(tokens: Tokens): string {
  if (endsRequirement(tokens.peek())) return "";
  const token = tokens.take();
  if (!isIdentifier(token)) throw unexpected(token, "identifier");
  return token.text;
}

function parseValues(tokens: Tokens): string[] {
  const open = tokens.take();
  if (open.kind !== "(") throw new SelectorError(`found '${open.text}' expected: '('`);
  const first = tokens.peek();
  if (first.kind === ")") {
    tokens.take();
    return [""];
  }
  if (first.kind !== "," && !isIdentifier(first)) throw unexpected(first, "',', ')' or identifier");
  return parseList(tokens);
}

/** Values between commas up to and with ")"; nothing between two commas is the empty value. */
function parseList(tokens: Tokens): string[] {
  const values: string[] = [];
  for (;;) {
    const token = tokens.take();
    const next = tokens.peek();
    if (isIdentifier(token)) {
      values.push(token.text);
      if (next.kind !== "," && next.kind !== ")") throw unexpected(next, "',' or ')'");
    } else if (token.kind === ",") {
      if (values.length === 0 || endsValue(next)) values.push("");
    } else {
      throw unexpected(token, "',', or identifier");
    }
    if (next.kind === ")") {
      tokens.take();
      return values;
    }
  }
}

function endsValue({ kind }: Token): boolean {
  return kind === "," || kind === ")";
}

function unexpected(token: Token, expected: string): SelectorError {
  return new SelectorError(`found '${token.text}', expected: ${expected}`);
}

interface Tokens {
  peek(): Token;
  take(): Token;
}

const end: Token = { kind: "end", text: "" };
// A NUL after a token is skipped, and where a token should start it ends the text: so upstream's reader has it.
const tokenPattern = /[ \t\r\n]*(?:(?:(==|!=|[=!(),<>])|([^=!(),<> \t\r\n\0]+))\0?)?/y;

function createTokens(text: string): Tokens {
  let at = 0;
  let next = scan();
  function scan(): Token {
    tokenPattern.lastIndex = at;
    const [, symbol, word] = tokenPattern.exec(text) ?? [];
    at = tokenPattern.lastIndex;
    if (symbol !== undefined) return { kind: symbol as TokenKind, text: symbol };
    if (word === undefined) return end;
    return { kind: word === "in" || word === "notin" ? word : "identifier", text: word };
  }
  return {
    peek: () => next,
    take() {
      const token = next;
      if (token !== end) next = scan();
      return token;
    },
  };
}
