// Selectors of devices: expressions in CEL. Whether they compile is asked of the caller.

import { child, type FieldError, required, tooLong } from "../../field-error.ts";
import type { DeviceSelector } from "../../generated/types.ts";
import type { ExpressionErrors } from "../check-context.ts";
import { validateItems } from "./collections.ts";

const mostSelectors = 32;
const longestExpression = 10 * 1024;

export function validateSelectors(
  selectors: readonly DeviceSelector[] | undefined,
  path: string,
  errors: FieldError[],
  expressionErrors: ExpressionErrors,
): void {
  validateItems(selectors, mostSelectors, path, errors, ({ cel }, selectorPath) => {
    const celPath = child(selectorPath, "cel");
    if (!cel) errors.push(required(celPath));
    else if (Buffer.byteLength(cel.expression) > longestExpression) {
      errors.push(tooLong(child(celPath, "expression"), longestExpression));
    } else errors.push(...expressionErrors(child(celPath, "expression")));
  });
}
