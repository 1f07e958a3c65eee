// Field selectors: "metadata.name=a,status.phase!=Running", with upstream's error texts (apimachinery's pkg/fields).

import { SelectorError } from "./requirement.ts";

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Never changes. */
export interface FieldSelector {
  /** All of them must hold. */
  readonly requirements: readonly FieldRequirement[];
  readonly isEmpty: boolean;
  /** `read` answers an object's value of a field, "" where it has none. */
  matches(read: (field: string) => string): boolean;
  /** The value that alone is taken of a field: what an index can use. */
  exactValue(field: string): string | undefined;
  /** The canonical text, which reads as the same selector. */
  toString(): string;
}

/** Reads a field selector; "" selects everything. Which fields there are is the kind's business. Throws SelectorError. */
export function parseFieldSelector(text: string): FieldSelector {
  const terms = splitTerms(text).filter((term) => term !== "");
  const requirements = terms.sort().map((term) => parseTerm(term, text));
  // Upstream drops what asks nothing of nothing, "=".
  return createFieldSelector(requirements.filter(({ field, value }) => field !== "" || value !== ""));
}

export function createFieldSelector(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    requirements,
    isEmpty: requirements.length === 0,
    matches: (read) =>
      requirements.every(({ field, operator, value }) => (read(field) === value) === (operator === "=")),
    exactValue: (name) => requirements.find(({ field, operator }) => field === name && operator === "=")?.value,
    toString: () =>
      requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(","),
  };
}

/** A literal value as it must be written in a field selector. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, "\\$&");
}

/** Splits at commas that no backslash stands before. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (const { index } of text.matchAll(/\\.?|,/gsu)) {
    if (text[index] !== ",") continue;
    terms.push(text.slice(start, index));
    start = index + 1;
  }
  return [...terms, text.slice(start)];
}

function parseTerm(term: string, selector: string): FieldRequirement {
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
  if (!match) throw new SelectorError(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, field = "", operator, value = ""] = match;
  return { field, operator: operator === "!=" ? "!=" : "=", value: unescapeValue(value) };
}

function unescapeValue(text: string): string {
  return text.replace(/\\(.?)|[,=]/gsu, (sequence, escaped: string | undefined) => {
    if (escaped === undefined) {
      throw new SelectorError(`invalid field selector: unescaped character in value: ${sequence.codePointAt(0)}`);
    }
    if (escaped !== "" && "\\,=".includes(escaped)) return escaped;
    throw new SelectorError(`invalid field selector: invalid escape sequence: ${sequence}`);
  });
}
