// How drivers, pools, devices, requests and attributes are named.

import { type FieldError, invalid, required, tooLong } from "../../field-error.ts";
import { checkCIdentifier, checkDNS1123Label, checkDNS1123Subdomain } from "../../names.ts";
import { validateCSIDriverName } from "../core/volumes/csi.ts";
import { reportInvalid } from "../report.ts";

const longestPool = 253;
const longestId = 32;
/** A domain, a slash and an identifier. */
export const longestAttributeKey: number = 63 + 1 + longestId;

/** Drivers are named as those of CSI. */
export const validateDriverName = validateCSIDriverName;

export function validateLabelText(name: string | undefined, path: string, errors: FieldError[]): void {
  reportInvalid(errors, path, name ?? "", checkDNS1123Label(name ?? ""));
}

/** DNS names separated by slashes. */
export function validatePoolName(name: string | undefined, path: string, errors: FieldError[]): void {
  if (!name) {
    errors.push(required(path));
    return;
  }
  if (name.length > longestPool) errors.push(tooLong(path, longestPool));
  for (const part of name.split("/")) reportInvalid(errors, path, part, checkDNS1123Subdomain(part));
}

/** An identifier with a domain before it, or without. Of names with more slashes nothing is said, as upstream says nothing. */
export function validateQualifiedName(name: string, path: string, errors: FieldError[]): void {
  const parts = name.split("/");
  const [first = "", second = ""] = parts;
  if (parts.length === 1) validateIdentifier(first, path, errors);
  if (parts.length !== 2) return;
  if (first === "") errors.push(invalid(path, "", "the domain must not be empty"));
  else validateDriverName(first, path, errors);
  if (second === "") errors.push(invalid(path, "", "the name must not be empty"));
  else validateIdentifier(second, path, errors);
}

export function validateFullyQualifiedName(name: string, path: string, errors: FieldError[]): void {
  validateQualifiedName(name, path, errors);
  if (name.includes("/")) return;
  errors.push(invalid(path, name, "a fully qualified name must be a domain and a name separated by a slash"));
}

function validateIdentifier(id: string, path: string, errors: FieldError[]): void {
  if (Buffer.byteLength(id) > longestId) errors.push(tooLong(path, longestId));
  reportInvalid(errors, path, id, checkCIdentifier(id));
}

const uuidFormat = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function validateShareID(id: string | undefined, path: string, errors: FieldError[]): void {
  if (id === undefined || uuidFormat.test(id)) return;
  const problem = describeUUIDProblem(id);
  errors.push(
    invalid(
      path,
      id,
      problem === undefined
        ? "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters"
        : `error validating uid: ${problem}`,
    ),
  );
}

/** What cannot be read as a UUID in any of its forms. */
function describeUUIDProblem(id: string): string | undefined {
  const plain = id.replace(/^urn:uuid:/i, "").replace(/^\{(.*)\}$/, "$1");
  if (/^[0-9a-f]{32}$/i.test(id) || uuidFormat.test(plain.toLowerCase())) return undefined;
  return [32, 36, 38, 45].includes(id.length) ? "invalid UUID format" : `invalid UUID length: ${id.length}`;
}
