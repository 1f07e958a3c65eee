// When an indexed Job has succeeded although not all of its pods have.

import { child, type FieldError, invalid, item, required, tooLong, tooMany } from "../../field-error.ts";
import type { SuccessPolicy, SuccessPolicyRule } from "../../generated/types.ts";
import { reportNegative } from "../report.ts";
import { countIndexes, IndexRangeError } from "./index-ranges.ts";

const mostRules = 20;
const longestIndexes = 64 * 1024;

export function validateSuccessPolicy(
  policy: SuccessPolicy,
  completions: number,
  path: string,
  errors: FieldError[],
): void {
  const rules = policy.rules ?? [];
  const rulesPath = child(path, "rules");
  if (rules.length === 0) {
    errors.push(required(rulesPath, "at least one rules must be specified when the successPolicy is specified"));
  }
  if (rules.length > mostRules) errors.push(tooMany(rulesPath, rules.length, mostRules));
  for (const [index, rule] of rules.entries()) validateRule(rule, completions, item(rulesPath, index), errors);
}

function validateRule(rule: SuccessPolicyRule, completions: number, path: string, errors: FieldError[]): void {
  const { succeededCount, succeededIndexes } = rule;
  if (succeededCount === undefined && succeededIndexes === undefined) {
    errors.push(required(path, "at least one of succeededCount or succeededIndexes must be specified"));
  }
  const total =
    succeededIndexes === undefined
      ? undefined
      : validateIndexes(succeededIndexes, completions, child(path, "succeededIndexes"), errors);
  if (succeededCount === undefined) return;
  const countPath = child(path, "succeededCount");
  reportNegative(errors, countPath, succeededCount);
  if (succeededCount > completions) {
    const why = `must be less than or equal to ${completions} (the number of specified completions)`;
    errors.push(invalid(countPath, succeededCount, why));
  }
  if (total !== undefined && succeededCount > total) {
    const which = "(the number of indexes in the specified succeededIndexes field)";
    errors.push(invalid(countPath, succeededCount, `must be less than or equal to ${total} ${which}`));
  }
}

/** Answers how many there are; 0 where the text cannot be read. */
function validateIndexes(text: string, completions: number, path: string, errors: FieldError[]): number {
  if (Buffer.byteLength(text) > longestIndexes) errors.push(tooLong(path, longestIndexes));
  try {
    return countIndexes(text, completions);
  } catch (error) {
    if (!(error instanceof IndexRangeError)) throw error;
    errors.push(invalid(path, text, `error parsing succeededIndexes: ${error.message}`));
    return 0;
  }
}
