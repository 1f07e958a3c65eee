// Reads tokens with the error recovery of the generated parser that cel-go uses: a token too many is dropped, one too few is
// assumed, and after anything worse tokens are skipped up to one that may follow. Its messages are part of the API's answers.

import type { Token, TokenType } from "./lexer.ts";

/** Thrown where the input fits nothing; the rule it happened in reports it and goes on after it. */
export class SyntaxStop extends Error {
  readonly token: Token;

  constructor(message: string, token: Token) {
    super(message);
    this.token = token;
  }
}

/** Thrown where there is no going on. */
export class ParseAbort extends Error {}

const MAX_RECOVERIES = 30;
const MAX_SKIPPED_TOKENS = 256;
const MAX_DEPTH = 250;

/** The order of token types in messages. */
const TYPE_ORDER = [
  ..."EOF == != in < <= >= > && || [ ] { } ( ) . , - ! ? : + * / % true false null".split(" "),
  ..."NUM_FLOAT NUM_INT NUM_UINT STRING BYTES IDENTIFIER ESC_IDENTIFIER".split(" "),
];
const NAMED_TYPE = /^[A-Z_]{2,}$/;

export class TokenStream {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #report: (offset: number, message: string) => void;
  readonly #depths = new Map<string, number>();
  /** What may follow the expressions being read, innermost last. */
  readonly #closers: (readonly TokenType[])[] = [];
  #position = 0;
  #recovering = false;
  #recoveries = 0;
  #lastError = { position: -1, rules: new Set<string>() };

  constructor(text: string, tokens: readonly Token[], report: (offset: number, message: string) => void) {
    this.#text = text;
    this.#tokens = tokens;
    this.#report = report;
  }

  /** The token `ahead` of the current one. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)]!;
  }

  isNext(type: TokenType, ahead = 0): boolean {
    return this.peek(ahead).type === type;
  }

  /** Takes the current token, which is known to fit. */
  take(): Token {
    const token = this.peek();
    this.#recovering = false;
    this.#advance();
    return token;
  }

  takeIf(type: TokenType): Token | undefined {
    return this.isNext(type) ? this.take() : undefined;
  }

  /** Takes a token of the type; one too many before it is dropped, and it is assumed where what comes may follow it. */
  match(type: TokenType, following: ReadonlySet<TokenType>): Token {
    if (this.isNext(type)) return this.take();
    this.#countRecovery();
    if (this.#dropOne(new Set([type]))) return this.take();
    const token = this.peek();
    if (!following.has(token.type)) throw this.#mismatch(new Set([type]));
    this.#complain(token, `missing ${displayType(type)} at ${displayToken(token)}`);
    return { type, text: "", start: token.start };
  }

  /** Makes sure that one of these comes next, dropping one token if that helps. */
  expect(types: ReadonlySet<TokenType>): void {
    if (types.has(this.peek().type) || this.#dropOne(types)) return;
    throw this.#mismatch(types);
  }

  /** As `expect`, but complains and skips instead of giving up. */
  expectLoosely(types: ReadonlySet<TokenType>, operators: ReadonlySet<TokenType>): void {
    const token = this.peek();
    if (types.has(token.type)) return;
    this.#complain(token, `extraneous input ${displayToken(token)} expecting ${displayTypes(types)}`);
    this.#skipUntil((type) => types.has(type) || operators.has(type) || this.#isCloser(type));
  }

  /** The error of a choice that none of the alternatives fits, from the current token to the one `ahead`. */
  noAlternative(ahead: number): SyntaxStop {
    const last = this.peek(ahead);
    const input = this.#textUpTo(ahead);
    const reserved = /^\.(true|false|null)$/.exec(input);
    if (reserved) return new SyntaxStop(`mismatched input '${reserved[1]}' expecting IDENTIFIER`, last);
    return new SyntaxStop(`no viable alternative at input '${escapeBlanks(input)}'`, last);
  }

  /** The tokens up to the one `ahead` and the blanks between them; what was no token is left out. */
  #textUpTo(ahead: number): string {
    let text = "";
    let end = this.peek().start;
    for (let at = 0; at <= ahead; at++) {
      const token = this.peek(at);
      text += this.#text.slice(end, token.start).replace(/\S+/g, "");
      if (token.type === "EOF") return text === "" ? "<EOF>" : text;
      text += token.text;
      end = token.start + token.text.length;
    }
    return text;
  }

  /** Runs a rule; where it gives up, reports why, skips what cannot follow, and answers undefined. */
  rule<T>(name: string, follow: ReadonlySet<TokenType>, read: () => T): T | undefined {
    this.enter(name);
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxStop)) throw error;
      this.#complain(error.token, error.message);
      this.#recover(name, follow);
      return undefined;
    } finally {
      this.leave(name);
    }
  }

  /** Counts how deep a rule is nested. */
  enter(rule: string): void {
    const depth = (this.#depths.get(rule) ?? 0) + 1;
    this.#depths.set(rule, depth);
    if (depth > MAX_DEPTH) throw new ParseAbort(`expression recursion limit exceeded: ${MAX_DEPTH}`);
  }

  leave(rule: string, times = 1): void {
    this.#depths.set(rule, (this.#depths.get(rule) ?? 0) - times);
  }

  /** Reads something that is followed by one of `closers`. */
  within<T>(closers: readonly TokenType[], read: () => T): T {
    this.#closers.push(closers);
    try {
      return read();
    } finally {
      this.#closers.pop();
    }
  }

  /** What may follow the expression being read, besides operators. */
  get closers(): readonly TokenType[] {
    return this.#closers.at(-1) ?? [];
  }

  #isCloser(type: TokenType): boolean {
    return this.#closers.some((closers) => closers.includes(type));
  }

  #advance(): void {
    if (this.#position < this.#tokens.length - 1) this.#position++;
  }

  #dropOne(expected: ReadonlySet<TokenType>): boolean {
    if (!expected.has(this.peek(1).type) || this.isNext("EOF")) return false;
    const token = this.peek();
    this.#complain(token, `extraneous input ${displayToken(token)} expecting ${displayTypes(expected)}`);
    this.#advance();
    this.#recovering = false;
    return true;
  }

  #mismatch(expected: ReadonlySet<TokenType>): SyntaxStop {
    const token = this.peek();
    return new SyntaxStop(`mismatched input ${displayToken(token)} expecting ${displayTypes(expected)}`, token);
  }

  #complain(token: Token, message: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.#report(token.start, message);
  }

  #countRecovery(): void {
    if (this.#recoveries++ < MAX_RECOVERIES) return;
    const message = `error recovery attempt limit exceeded: ${MAX_RECOVERIES}`;
    this.#report(this.peek().start, message);
    throw new ParseAbort("");
  }

  #recover(rule: string, follow: ReadonlySet<TokenType>): void {
    this.#countRecovery();
    // The same rule failing twice at one place would go on for ever.
    if (this.#lastError.position === this.#position && this.#lastError.rules.has(rule)) this.#advance();
    if (this.#lastError.position !== this.#position) this.#lastError = { position: this.#position, rules: new Set() };
    this.#lastError.rules.add(rule);
    this.#skipUntil((type) => follow.has(type) || this.#isCloser(type));
  }

  #skipUntil(isEnd: (type: TokenType) => boolean): void {
    for (let skipped = 0; !this.isNext("EOF") && !isEnd(this.peek().type); skipped++) {
      if (skipped >= MAX_SKIPPED_TOKENS) {
        throw new ParseAbort(`error recovery token lookahead limit exceeded: ${MAX_SKIPPED_TOKENS}`);
      }
      this.#advance();
    }
  }
}

function displayToken(token: Token): string {
  return token.type === "EOF" ? "'<EOF>'" : `'${escapeBlanks(token.text)}'`;
}

function escapeBlanks(text: string): string {
  return text.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
}

function displayType(type: TokenType): string {
  if (type === "EOF") return "<EOF>";
  return NAMED_TYPE.test(type) ? type : `'${type}'`;
}

function displayTypes(types: ReadonlySet<TokenType>): string {
  const sorted = TYPE_ORDER.filter((type) => types.has(type)).map(displayType);
  return sorted.length === 1 ? sorted[0]! : `{${sorted.join(", ")}}`;
}
