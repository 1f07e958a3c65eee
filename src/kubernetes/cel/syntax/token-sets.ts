// Which tokens may start and follow the parts of an expression: what the parser expects, and where it goes on after an error.

import type { TokenType } from "./lexer.ts";

const LITERALS: readonly TokenType[] = ["true", "false", "null", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES"];

export const FIRST_PRIMARY: ReadonlySet<TokenType> = new Set(["[", "{", "(", ".", "-", ...LITERALS, "IDENTIFIER"]);
export const FIRST_UNARY: ReadonlySet<TokenType> = new Set([...FIRST_PRIMARY, "!"]);

/** Operators, which may follow any expression. */
export const FOLLOW_EXPR: ReadonlySet<TokenType> = new Set("== != in < <= >= > && || ? + - * / %".split(" "));
/** What may follow a part of a chain of selections. */
export const FOLLOW_MEMBER: ReadonlySet<TokenType> = new Set([...FOLLOW_EXPR, ".", "["]);
