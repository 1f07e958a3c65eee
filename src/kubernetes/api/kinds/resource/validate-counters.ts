// Counters that devices share, and what one device takes of them.

import { child, type FieldError, required } from "../../field-error.ts";
import type { Counter, CounterSet, DeviceCounterConsumption } from "../../generated/types.ts";
import { validateMap, validateSet } from "./collections.ts";
import { validateLabelText } from "./names.ts";

const mostCounters = 32;
const mostConsumptions = 2;
const longestLabel = 63;

type Counters = { readonly counters?: Readonly<Record<string, Counter>> };

export function validateCounters(
  value: Counters & (Pick<CounterSet, "name"> | Pick<DeviceCounterConsumption, "counterSet">),
  nameField: "name" | "counterSet",
  path: string,
  errors: FieldError[],
): void {
  const name = (value as Record<string, unknown>)[nameField] as string | undefined;
  const namePath = child(path, nameField);
  if (!name) errors.push(required(namePath));
  else validateLabelText(name, namePath, errors);
  const countersPath = child(path, "counters");
  if (Object.keys(value.counters ?? {}).length === 0) errors.push(required(countersPath));
  else
    validateMap(value.counters, mostCounters, countersPath, errors, {
      key: validateLabelText,
      longestKey: longestLabel,
    });
}

export function validateConsumptions(
  consumptions: readonly DeviceCounterConsumption[] | undefined,
  path: string,
  errors: FieldError[],
): void {
  const bySet = { most: mostConsumptions, keyOf: ({ counterSet }: DeviceCounterConsumption) => counterSet };
  validateSet(consumptions, bySet, path, errors, (consumption, at) =>
    validateCounters(consumption, "counterSet", at, errors),
  );
}
