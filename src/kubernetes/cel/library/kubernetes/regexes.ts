// find(…) and findAll(…) of patterns in strings.

import { ArrayList } from "../../values/list.ts";
import { listType, types } from "../../values/type.ts";
import { CelError, type CelValue } from "../../values/value.ts";
import { declare, type FunctionDeclaration, memberOverload } from "../declare.ts";
import { compileRegex } from "../regex-engine.ts";

const { int, string } = types;

function find(text: string, pattern: string): CelValue {
  const regex = compileRegex(pattern);
  return regex instanceof CelError ? illegal(regex) : (regex.findAll(text, 1)[0] ?? "");
}

function findAll(text: string, pattern: string, limit = -1n): CelValue {
  const regex = compileRegex(pattern);
  return regex instanceof CelError ? illegal(regex) : new ArrayList(regex.findAll(text, Number(limit)));
}

function illegal({ message }: CelError): CelError {
  return new CelError(`Illegal regex: ${message}`);
}

export const regexFunctions: readonly FunctionDeclaration[] = [
  declare("find", memberOverload("string_find_string", [string, string], string, find)),
  declare(
    "findAll",
    memberOverload("string_find_all_string", [string, string], listType(string), (text: string, pattern: string) =>
      findAll(text, pattern),
    ),
    memberOverload("string_find_all_string_int", [string, string, int], listType(string), findAll),
  ),
];
