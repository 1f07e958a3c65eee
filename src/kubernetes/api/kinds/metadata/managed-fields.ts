// Checks of metadata.managedFields as a client may send it.

import { child, type FieldError, invalid, item, tooLong } from "../../field-error.ts";
import type { ManagedFieldsEntry } from "../../generated/types.ts";

const longestManager = 128;
const longestSubresource = 256;

export function validateManagedFields(
  entries: readonly ManagedFieldsEntry[],
  path: string,
  errors: FieldError[],
): void {
  for (const [index, entry] of entries.entries()) validateEntry(entry, item(path, index), errors);
}

function validateEntry(entry: ManagedFieldsEntry, path: string, errors: FieldError[]): void {
  if (entry.operation !== "Apply" && entry.operation !== "Update") {
    errors.push(invalid(child(path, "operation"), entry.operation ?? "", "must be `Apply` or `Update`"));
  }
  if (entry.fieldsType && entry.fieldsType !== "FieldsV1") {
    errors.push(invalid(child(path, "fieldsType"), entry.fieldsType, "must be `FieldsV1`"));
  }
  validateFieldManager(entry.manager ?? "", child(path, "manager"), errors);
  if (Buffer.byteLength(entry.subresource ?? "") > longestSubresource) {
    errors.push(tooLong(child(path, "subresource"), longestSubresource));
  }
}

/** Also of the fieldManager parameter of a request: up to 128 bytes, each character printable. */
export function validateFieldManager(manager: string, path: string, errors: FieldError[]): void {
  if (Buffer.byteLength(manager) > longestManager) errors.push(tooLong(path, longestManager));
  if (/^[ -~]*$/.test(manager)) return;
  let position = 0;
  for (const character of manager) {
    if (!isPrintable(character)) {
      errors.push(
        invalid(path, manager, `invalid character ${describeCharacter(character)} (at position ${position})`),
      );
    }
    position += Buffer.byteLength(character);
  }
}

/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space. */
function isPrintable(character: string): boolean {
  return character === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
}

/** Go's %#U of a character that cannot be printed: "U+0007". */
function describeCharacter(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}
