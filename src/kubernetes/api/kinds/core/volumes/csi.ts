// Volumes of CSI drivers, and the names drivers have.

import { child, type FieldError, required, tooLong } from "../../../field-error.ts";
import type { CSIPersistentVolumeSource, CSIVolumeSource, SecretReference } from "../../../generated/types.ts";
import { checkDNS1123Subdomain, checkDNSSubdomainName } from "../../../names.ts";
import { reportInvalid } from "../../report.ts";
import { requireFields, validateLabel } from "./volume-check.ts";

const longestDriver = 63;

/** Up to 63 bytes of a DNS name, in either case. */
export function validateCSIDriverName(name: string | undefined, path: string, errors: FieldError[]): void {
  if (!name) {
    errors.push(required(path));
    return;
  }
  if (Buffer.byteLength(name) > longestDriver) errors.push(tooLong(path, longestDriver));
  reportInvalid(errors, path, name, checkDNS1123Subdomain(name.toLowerCase()));
}

export function validateCSI(source: CSIVolumeSource, path: string, errors: FieldError[]): void {
  validateCSIDriverName(source.driver, child(path, "driver"), errors);
  const secret = source.nodePublishSecretRef;
  if (!secret) return;
  if (!secret.name) errors.push(required(child(path, "nodePublishSecretRef", "name")));
  else reportInvalid(errors, child(path, "name"), secret.name, checkDNSSubdomainName(secret.name, false));
}

export function validatePersistentCSI(source: CSIPersistentVolumeSource, path: string, errors: FieldError[]): void {
  validateCSIDriverName(source.driver, child(path, "driver"), errors);
  requireFields(source, ["volumeHandle"], path, errors);
  const references = [
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
  ] as const;
  for (const field of references) {
    const reference = source[field];
    if (reference) validateSecretReference(reference, child(path, field), errors);
  }
}

function validateSecretReference(reference: SecretReference, path: string, errors: FieldError[]): void {
  const { name, namespace } = reference;
  if (!name) errors.push(required(child(path, "name")));
  else reportInvalid(errors, child(path, "name"), name, checkDNS1123Subdomain(name));
  if (!namespace) errors.push(required(child(path, "namespace")));
  else validateLabel(namespace, child(path, "namespace"), errors);
}
