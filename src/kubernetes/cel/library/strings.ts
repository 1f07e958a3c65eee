// The functions on strings of the standard library.

import { noSuchOverload } from "../values/arithmetic.ts";
import { types } from "../values/type.ts";
import { type CelError, type CelValue, NO_SUCH_OVERLOAD } from "../values/value.ts";
import { type FunctionDeclaration, globalOverload, memberOverload } from "./declare.ts";
import { compileRegex } from "./regex-engine.ts";

const { bool, string } = types;

/** A test of two strings that says only "no such overload" for anything else. */
function stringTest(name: string, id: string, test: (text: string, part: string) => boolean): FunctionDeclaration {
  return {
    name,
    overloads: [memberOverload(id, [string, string], bool)],
    call: (text, part) => (typeof text === "string" && typeof part === "string" ? test(text, part) : NO_SUCH_OVERLOAD),
  };
}

function matches(text: CelValue, pattern: CelValue): CelValue {
  if (typeof text !== "string") return noSuchOverload("matches", text);
  if (typeof pattern !== "string") return NO_SUCH_OVERLOAD;
  const regex = compileRegex(pattern);
  return "matches" in regex ? regex.matches(text) : (regex satisfies CelError);
}

export const stringFunctions: readonly FunctionDeclaration[] = [
  stringTest("contains", "contains_string", (text, part) => text.includes(part)),
  stringTest("endsWith", "ends_with_string", (text, part) => text.endsWith(part)),
  stringTest("startsWith", "starts_with_string", (text, part) => text.startsWith(part)),
  {
    name: "matches",
    overloads: [
      globalOverload("matches", [string, string], bool),
      memberOverload("matches_string", [string, string], bool),
    ],
    call: matches,
  },
];
