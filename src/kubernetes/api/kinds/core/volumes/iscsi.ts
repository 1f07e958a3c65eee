// iSCSI volumes. Pods and PersistentVolumes have the same rules with slightly different words.

import { child, type FieldError, invalid, required } from "../../../field-error.ts";
import type { ISCSIPersistentVolumeSource, ISCSIVolumeSource } from "../../../generated/types.ts";
import { requireFields, validateLun } from "./volume-check.ts";

const longestSession = 64;
const longSession =
  "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";

const namePatterns: readonly (readonly [prefix: string, pattern: RegExp])[] = [
  ["iqn", /iqn\.\d{4}-\d{2}\.[A-Za-z0-9\-.]+:[^,;*&$|\s]+$/],
  ["eui", /^eui.[A-Za-z0-9]{16}$/],
  ["naa", /^naa.[A-Za-z0-9]{32}$/],
];

export function validateISCSI(source: ISCSIVolumeSource, path: string, errors: FieldError[]): void {
  const unknownPrefix = "must be valid format starting with iqn, eui, or naa";
  requireFields(source, ["targetPortal"], path, errors);
  validateTarget(source, path, errors, unknownPrefix);
  requireSecret(source, path, errors);
  validateInitiator(source, path, errors, unknownPrefix);
}

/** The volume's name becomes part of the session's. `path` is the volume's. */
export function validateISCSISession(
  source: ISCSIVolumeSource,
  volumeName: string,
  path: string,
  errors: FieldError[],
): void {
  if (isSessionTooLong(source, volumeName)) errors.push(invalid(child(path, "name"), volumeName, longSession));
}

export function validatePersistentISCSI(
  source: ISCSIPersistentVolumeSource,
  volumeName: string,
  path: string,
  errors: FieldError[],
): void {
  const unknownPrefix = "must be valid format";
  requireFields(source, ["targetPortal"], path, errors);
  if (isSessionTooLong(source, volumeName)) {
    errors.push(invalid(child(path, "targetportal"), source.targetPortal, longSession));
  }
  validateTarget(source, path, errors, unknownPrefix);
  requireSecret(source, path, errors);
  if (source.secretRef && !source.secretRef.name) errors.push(required(child(path, "secretRef", "name")));
  validateInitiator(source, path, errors, unknownPrefix);
}

type AnyISCSI = Pick<
  ISCSIVolumeSource,
  "targetPortal" | "iqn" | "lun" | "initiatorName" | "chapAuthDiscovery" | "chapAuthSession" | "secretRef"
>;

function isSessionTooLong({ initiatorName, targetPortal }: AnyISCSI, volumeName: string): boolean {
  return initiatorName !== undefined && Buffer.byteLength(`${volumeName}:${targetPortal}`) > longestSession;
}

function validateTarget(source: AnyISCSI, path: string, errors: FieldError[], unknownPrefix: string): void {
  const field = child(path, "iqn");
  const problem = describeNameProblem(source.iqn, unknownPrefix);
  if (!source.iqn) errors.push(required(field));
  else if (problem !== undefined) errors.push(invalid(field, source.iqn, problem));
  validateLun(source.lun, path, errors);
}

function validateInitiator(
  { initiatorName }: AnyISCSI,
  path: string,
  errors: FieldError[],
  unknownPrefix: string,
): void {
  if (initiatorName === undefined) return;
  const problem = describeNameProblem(initiatorName, unknownPrefix);
  if (problem !== undefined) errors.push(invalid(child(path, "initiatorname"), initiatorName, problem));
}

function requireSecret(source: AnyISCSI, path: string, errors: FieldError[]): void {
  const usesChap = source.chapAuthDiscovery || source.chapAuthSession;
  if (usesChap && !source.secretRef) errors.push(required(child(path, "secretRef")));
}

function describeNameProblem(name: string, unknownPrefix: string): string | undefined {
  const known = namePatterns.find(([prefix]) => name.startsWith(prefix));
  if (!known) return unknownPrefix;
  return known[1].test(name) ? undefined : "must be valid format";
}
