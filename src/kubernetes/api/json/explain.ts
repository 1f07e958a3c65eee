// Says what is wrong with a broken JSON text, in the words of Go's encoding/json, which clients see in answers.

import { quote } from "../go-format.ts";

/** The first error a Go scanner finds in the bytes; undefined where it finds none. */
export function explainJsonError(bytes: Uint8Array): string | undefined {
  const scanner = new JsonScanner(bytes);
  try {
    scanner.scanDocument();
    return undefined;
  } catch (error) {
    if (error instanceof ScanError) return error.message;
    throw error;
  }
}

class ScanError extends Error {}

/** Upstream's limit; ours is parse.ts' and lower. */
const mostNested = 10_000;

class JsonScanner {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  scanDocument(): void {
    this.#scanValue();
    this.#skipSpace();
    if (this.#at < this.#bytes.length) throw this.#unexpected("after top-level value");
  }

  /** One value; what it nests is kept in a list, not in calls, so that depth is no danger. */
  #scanValue(): void {
    const open: ("{" | "[")[] = [];
    for (;;) {
      const opened = this.#scanStart(open);
      if (opened) open.push(opened);
      else if (!this.#scanEnds(open)) return;
    }
  }

  /** The start of a value: a scalar is scanned whole; what opens with more inside is answered. */
  #scanStart(open: readonly ("{" | "[")[]): "{" | "[" | undefined {
    this.#skipSpace();
    const character = this.#peek();
    if (character !== "{" && character !== "[") {
      this.#scanScalar(character);
      return undefined;
    }
    if (open.length >= mostNested) throw this.#unexpected("exceeded max depth");
    this.#at++;
    this.#skipSpace();
    const isEmpty = this.#char() === (character === "{" ? "}" : "]");
    if (isEmpty) {
      this.#at++;
      return undefined;
    }
    if (character === "{") this.#scanKey();
    return character;
  }

  /** After a value: closes what ends here; true where another value must follow. */
  #scanEnds(open: ("{" | "[")[]): boolean {
    for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
      this.#skipSpace();
      const words = inside === "{" ? "after object key:value pair" : "after array element";
      const character = this.#peek();
      if (character === ",") {
        this.#at++;
        if (inside === "{") this.#scanKey();
        return true;
      }
      if (character !== (inside === "{" ? "}" : "]")) throw this.#unexpected(words);
      this.#at++;
      open.pop();
    }
    return false;
  }

  #scanKey(): void {
    this.#skipSpace();
    if (this.#peek() !== '"') throw this.#unexpected("looking for beginning of object key string");
    this.#scanString();
    this.#skipSpace();
    if (this.#peek() !== ":") throw this.#unexpected("after object key");
    this.#at++;
  }

  #scanScalar(character: string): void {
    if (character === '"') this.#scanString();
    else if (character === "-" || isDigit(character)) this.#scanNumber();
    else if (character === "t") this.#scanWord("true");
    else if (character === "f") this.#scanWord("false");
    else if (character === "n") this.#scanWord("null");
    else throw this.#unexpected("looking for beginning of value");
  }

  #scanString(): void {
    this.#at++;
    for (;;) {
      const character = this.#peek();
      if (character < " ") throw this.#unexpected("in string literal");
      this.#at++;
      if (character === '"') return;
      if (character === "\\") this.#scanEscape();
    }
  }

  #scanEscape(): void {
    const character = this.#charOrSpace();
    if (!'"\\/bfnrtu'.includes(character)) throw this.#unexpected("in string escape code");
    this.#at++;
    if (character !== "u") return;
    for (let digit = 0; digit < 4; digit++) {
      if (!/[0-9a-fA-F]/.test(this.#charOrSpace())) throw this.#unexpected("in \\u hexadecimal character escape");
      this.#at++;
    }
  }

  #scanNumber(): void {
    if (this.#char() === "-") {
      this.#at++;
      if (!isDigit(this.#charOrSpace())) throw this.#unexpected("in numeric literal");
    }
    if (this.#char() === "0") this.#at++;
    else this.#skipDigits();
    if (this.#char() === ".") {
      this.#at++;
      if (!isDigit(this.#charOrSpace())) throw this.#unexpected("after decimal point in numeric literal");
      this.#skipDigits();
    }
    if (this.#char() === "e" || this.#char() === "E") {
      this.#at++;
      if (this.#char() === "+" || this.#char() === "-") this.#at++;
      if (!isDigit(this.#charOrSpace())) throw this.#unexpected("in exponent of numeric literal");
      this.#skipDigits();
    }
  }

  #scanWord(word: string): void {
    for (const wanted of word) {
      if (this.#charOrSpace() !== wanted) throw this.#unexpected(`in literal ${word} (expecting '${wanted}')`);
      this.#at++;
    }
  }

  #skipDigits(): void {
    while (isDigit(this.#char())) this.#at++;
  }

  #skipSpace(): void {
    for (let byte = this.#bytes[this.#at]; byte === 32 || byte === 9 || byte === 10 || byte === 13; ) {
      byte = this.#bytes[++this.#at];
    }
  }

  /** The byte here as a character; "" at the end. */
  #char(): string {
    const byte = this.#bytes[this.#at];
    return byte === undefined ? "" : String.fromCharCode(byte);
  }

  /** As #char, but a space at the end: so Go ends its input, and blames the space where none may stand. */
  #charOrSpace(): string {
    return this.#char() || " ";
  }

  /** As #char, but the end is an error. */
  #peek(): string {
    if (this.#at >= this.#bytes.length) throw new ScanError("unexpected end of JSON input");
    return this.#char();
  }

  #unexpected(context: string): ScanError {
    return new ScanError(`invalid character ${quoteByte(this.#bytes[this.#at] ?? 0x20)} ${context}`);
  }
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}

function quoteByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (character === "'") return `'\\''`;
  return character === '"' ? `'"'` : `'${quote(character).slice(1, -1)}'`;
}
