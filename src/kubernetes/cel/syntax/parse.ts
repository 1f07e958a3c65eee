// Text to tree: CEL's grammar by recursive descent. All problems are gathered; limits on size and nesting hold as in cel-go, so
// that no text, however hostile, costs more than a bounded time and depth.

import { ExprBuilder as Builder, type ExprBuilder, type Macros } from "./builder.ts";
import type { Expr, ParsedExpr } from "./expr.ts";
import { tokenize } from "./lexer.ts";
import { macrosFor } from "./macros.ts";
import { measureNesting } from "./nesting.ts";
import { calculations, operators, relations } from "./operators.ts";
import { parseArguments, parsePrimary } from "./parse-primary.ts";
import { countCodePoints, type Location, NO_LOCATION, type Problem, type Source } from "./source.ts";
import { FIRST_PRIMARY, FIRST_UNARY, FOLLOW_EXPR, FOLLOW_MEMBER } from "./token-sets.ts";
import { ParseAbort, TokenStream } from "./token-stream.ts";

const MAX_CODE_POINTS = 100_000;
const MAX_PROBLEMS = 100;
const MAX_NESTING = 250;

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedExpr }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** What the rules of the grammar share. */
export interface Grammar {
  readonly tokens: TokenStream;
  readonly build: ExprBuilder;
  readonly expression: () => Expr;
}

/** `hasBindings`: the macro cel.bind is known. */
export function parse(source: Source, hasBindings = false): ParseResult {
  const problems: Problem[] = [];
  const size = countCodePoints(source.text);
  if (size > MAX_CODE_POINTS) {
    const message = `expression code point size exceeds limit: size: ${size}, limit ${MAX_CODE_POINTS}`;
    return { ok: false, problems: [{ message, location: NO_LOCATION }] };
  }
  const parsed = tryParse(source, problems, macrosFor(hasBindings));
  return parsed && problems.length === 0 ? { ok: true, parsed } : { ok: false, problems };
}

function tryParse(source: Source, problems: Problem[], macros: Macros): ParsedExpr | undefined {
  const locate = (offset: number | undefined): Location => (offset === undefined ? NO_LOCATION : source.locate(offset));
  const report = (offset: number | undefined, message: string): void => {
    problems.push({ message, location: locate(offset) });
  };
  let syntaxErrors = 0;
  const reportSyntax = (offset: number, message: string): void => {
    syntaxErrors++;
    if (syntaxErrors > MAX_PROBLEMS) {
      report(offset, `Syntax error: More than ${MAX_PROBLEMS} syntax errors`);
      throw new ParseAbort("");
    }
    report(offset, `Syntax error: ${message}`);
  };
  try {
    const lexed = tokenize(source.text);
    for (const { text, offset } of lexed.problems) reportSyntax(offset, `token recognition error at: '${text}'`);
    const tokens = new TokenStream(source.text, lexed.tokens, reportSyntax);
    const build = new Builder(macros, report);
    const root = parseStart(tokens, build);
    if (measureNesting(root) > MAX_NESTING) throw new ParseAbort("max recursion depth exceeded");
    return { root, offsets: build.offsets };
  } catch (error) {
    if (!(error instanceof ParseAbort)) throw error;
    if (error.message !== "") problems.push({ message: error.message, location: NO_LOCATION });
    return undefined;
  }
}

const NOTHING: ReadonlySet<string> = new Set();

function parseStart(tokens: TokenStream, build: ExprBuilder): Expr {
  const grammar: Grammar = { tokens, build, expression: () => parseExpr(grammar) };
  return tokens.within(["EOF"], () => {
    const root = grammar.expression();
    tokens.rule("start", NOTHING, () => tokens.match("EOF", NOTHING));
    return root;
  });
}

/** `or`, or `or ? or : expr`. */
function parseExpr(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  let expr: Expr | undefined;
  const whole = tokens.rule("expr", FOLLOW_EXPR, () => {
    expr = parseLogic(grammar, orLevel);
    const question = tokens.takeIf("?");
    if (!question) return expr;
    const id = build.id(question.start);
    const yes = tokens.within([":"], () => parseLogic(grammar, orLevel));
    tokens.match(":", FIRST_UNARY);
    return build.call({ id, name: operators.conditional, args: [expr, yes, parseExpr(grammar)] });
  });
  return whole ?? expr ?? build.broken(undefined);
}

interface LogicLevel {
  readonly symbol: string;
  readonly name: string;
  readonly operand: (grammar: Grammar) => Expr;
}

const andLevel: LogicLevel = { symbol: "&&", name: operators.and, operand: (grammar) => parseRelation(grammar, true) };
const orLevel: LogicLevel = { symbol: "||", name: operators.or, operand: (grammar) => parseLogic(grammar, andLevel) };

/** Terms of one logical operator, as a balanced tree: a long chain is not a deep one. */
function parseLogic(grammar: Grammar, level: LogicLevel): Expr {
  const { tokens, build } = grammar;
  const terms = [level.operand(grammar)];
  const ids: number[] = [];
  for (let symbol = tokens.takeIf(level.symbol); symbol; symbol = tokens.takeIf(level.symbol)) {
    terms.push(level.operand(grammar));
    ids.push(build.id(symbol.start));
  }
  const balance = (low: number, high: number): Expr => {
    const middle = (low + high + 1) >> 1;
    const left = middle === low ? terms[middle]! : balance(low, middle - 1);
    const right = middle === high ? terms[middle + 1]! : balance(middle + 1, high);
    return build.call({ id: ids[middle]!, name: level.name, args: [left, right] });
  };
  return ids.length === 0 ? terms[0]! : balance(0, ids.length - 1);
}

/** Relations bind to the left; the right side of one is a calculation. */
function parseRelation(grammar: Grammar, chained: boolean): Expr {
  const { tokens, build } = grammar;
  tokens.enter("relation");
  let expr = parseCalculation(grammar, 1);
  let links = 0;
  while (chained) {
    const name = relations.get(tokens.peek().type);
    if (name === undefined) break;
    tokens.enter("relation");
    links++;
    const id = build.id(tokens.take().start);
    expr = build.call({ id, name, args: [expr, parseRelation(grammar, false)] });
  }
  tokens.leave("relation", links + 1);
  return expr;
}

function parseCalculation(grammar: Grammar, minimum: number): Expr {
  const { tokens, build } = grammar;
  tokens.enter("calc");
  let expr = parseUnary(grammar);
  let links = 0;
  for (;;) {
    const operator = calculations.get(tokens.peek().type);
    if (!operator || operator.precedence < minimum) break;
    tokens.enter("calc");
    links++;
    const id = build.id(tokens.take().start);
    const right = parseCalculation(grammar, operator.precedence + 1);
    expr = build.call({ id, name: operator.name, args: [expr, right] });
  }
  tokens.leave("calc", links + 1);
  return expr;
}

function parseUnary(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  const read = (): Expr => {
    tokens.expect(FIRST_UNARY);
    if (tokens.isNext("!")) return parseNots(grammar);
    if (tokens.isNext("-") && !startsNegativeLiteral(tokens)) return parseNegations(grammar);
    return parseMember(grammar);
  };
  return tokens.rule("unary", FOLLOW_EXPR, read) ?? build.broken(undefined);
}

function startsNegativeLiteral(tokens: TokenStream): boolean {
  return tokens.isNext("NUM_INT", 1) || tokens.isNext("NUM_FLOAT", 1);
}

function parseNots(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  const start = tokens.peek().start;
  let count = 0;
  for (; tokens.isNext("!"); count++) tokens.take();
  tokens.expectLoosely(FIRST_UNARY, FOLLOW_EXPR);
  if (count % 2 === 0) return parseMember(grammar);
  const id = build.id(start);
  return build.call({ id, name: operators.not, args: [parseMember(grammar)] });
}

function parseNegations(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  const start = tokens.peek().start;
  let count = 0;
  for (; tokens.isNext("-"); count++) {
    if (!FIRST_PRIMARY.has(tokens.peek(1).type)) throw tokens.noAlternative(1);
    tokens.take();
  }
  if (count % 2 === 0) return parseMember(grammar);
  const id = build.id(start);
  return build.call({ id, name: operators.negate, args: [parseMember(grammar)] });
}

/** A primary and the selections, calls and indices after it. */
function parseMember(grammar: Grammar): Expr {
  const { tokens, build } = grammar;
  let expr: Expr | undefined;
  let links = 0;
  const whole = tokens.rule("member", FOLLOW_EXPR, () => {
    expr = tokens.rule("primary", FOLLOW_MEMBER, () => parsePrimary(grammar)) ?? build.broken(undefined);
    while (tokens.isNext(".") || tokens.isNext("[")) {
      tokens.enter("member");
      links++;
      expr = tokens.isNext(".") ? parseSelection(grammar, expr) : parseIndex(grammar, expr);
    }
    return expr;
  });
  tokens.leave("member", links);
  return whole ?? expr ?? build.broken(undefined);
}

function parseSelection(grammar: Grammar, operand: Expr): Expr {
  const { tokens, build } = grammar;
  if (tokens.isNext("?", 1)) return parseOptionalSelection(grammar, operand);
  if (tokens.isNext("ESC_IDENTIFIER", 1)) {
    tokens.take();
    return build.broken(tokens.take().start, "unsupported syntax: '`'");
  }
  if (!tokens.isNext("IDENTIFIER", 1)) throw tokens.noAlternative(1);
  const dot = tokens.take();
  const name = tokens.take().text;
  const open = tokens.takeIf("(");
  if (!open) return build.select(dot.start, operand, name);
  const id = build.id(open.start);
  return build.call({ id, name, target: operand, args: parseArguments(grammar) });
}

const FIELD_NAMES = new Set(["IDENTIFIER", "ESC_IDENTIFIER"]);

function parseOptionalSelection({ tokens, build }: Grammar, operand: Expr): Expr {
  const dot = tokens.take();
  tokens.take();
  const name = tokens.rule("escapeIdent", FOLLOW_MEMBER, () => {
    tokens.expect(FIELD_NAMES);
    return tokens.take();
  });
  if (!name) return build.broken(undefined);
  if (name.type === "ESC_IDENTIFIER") return build.broken(name.start, "unsupported syntax: '`'");
  const id = build.id(dot.start);
  const args = [operand, build.literal(name.start, name.text)];
  return { kind: "call", id, name: operators.optionalSelect, target: undefined, args };
}

function parseIndex(grammar: Grammar, operand: Expr): Expr {
  const { tokens, build } = grammar;
  const id = build.id(tokens.take().start);
  const name = tokens.takeIf("?") ? operators.optionalIndex : operators.index;
  const index = tokens.within(["]"], grammar.expression);
  tokens.match("]", new Set([...FOLLOW_MEMBER, ...tokens.closers]));
  return build.call({ id, name, args: [operand, index] });
}
