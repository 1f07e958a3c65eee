// What reading a label or field selector costs: it becomes a list of requirements.

import { fixed, plus, type Range, scaled } from "./range.ts";
import { STRING_FACTOR } from "./sizes.ts";

const LIST_COST = 10;
const STRUCT_COST = 40;
/** The shortest requirement is two characters long. */
const REQUIREMENTS_PER_CHARACTER = 0.5;

export function selectorEstimate(length: Range): Range {
  const reading = scaled(length, STRING_FACTOR);
  const requirements = scaled(scaled(length, REQUIREMENTS_PER_CHARACTER), LIST_COST + STRUCT_COST);
  return plus(plus(fixed(LIST_COST), reading), requirements);
}
