// The expressions that choose devices, compiled when they are written: whoever writes one that is wrong is told at once.

import {
  type DeviceClass,
  type DeviceRequest,
  type DeviceSelector,
  type FieldError,
  forbiddenField,
  invalid,
} from "#kubernetes/api";
import { compileDeviceSelector } from "#kubernetes/cel";

export function checkClassSelectors({ spec }: DeviceClass): FieldError[] {
  return checkSelectors(spec?.selectors, "spec.selectors");
}

/** `path`: of the requests. */
export function checkRequestSelectors(requests: readonly DeviceRequest[] | undefined, path: string): FieldError[] {
  return (requests ?? []).flatMap(({ exactly, firstAvailable }, index) => [
    ...checkSelectors(exactly?.selectors, `${path}[${index}].exactly.selectors`),
    ...(firstAvailable ?? []).flatMap(({ selectors }, at) =>
      checkSelectors(selectors, `${path}[${index}].firstAvailable[${at}].selectors`),
    ),
  ]);
}

function checkSelectors(selectors: readonly DeviceSelector[] | undefined, path: string): FieldError[] {
  return (selectors ?? []).flatMap(({ cel }, index): FieldError[] => {
    if (!cel) return [];
    const field = `${path}[${index}].cel.expression`;
    const compiled = compileDeviceSelector(cel.expression);
    if ("problem" in compiled) return [invalid(field, cel.expression, compiled.problem)];
    return compiled.isTooCostly ? [forbiddenField(field, "too complex, exceeds cost limit")] : [];
  });
}
