// Attributes of devices that hold several values.

import type { DeviceAttribute } from "../../generated/types.ts";

export const listFields = ["bools", "ints", "strings", "versions"] as const;

export function isList(attribute: DeviceAttribute): boolean {
  return listFields.some((field) => attribute[field] !== undefined);
}
