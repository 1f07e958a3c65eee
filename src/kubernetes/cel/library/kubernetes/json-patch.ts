// jsonpatch.escapeKey(…): a key as a part of a JSON pointer.

import { types } from "../../values/type.ts";
import { declare, type FunctionDeclaration, globalOverload } from "../declare.ts";

function escapeKey(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Known only where patches are written: in mutating admission policies. */
export const jsonPatchFunctions: readonly FunctionDeclaration[] = [
  declare(
    "jsonpatch.escapeKey",
    globalOverload("string_jsonpatch_escapeKey_string", [types.string], types.string, escapeKey),
  ),
];
