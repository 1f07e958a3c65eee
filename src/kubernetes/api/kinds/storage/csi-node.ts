// CSINode: the storage drivers that run on a node, and what they call it.

import { child, duplicate, type FieldError, invalid, item, required } from "../../field-error.ts";
import type { CSINode, CSINodeDriver } from "../../generated/types.ts";
import { checkQualifiedName } from "../../names.ts";
import { validateCSIDriverName } from "../core/volumes/csi.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { immutableError, reportInvalid, reportNegative } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";

type DecodedCSINode = Decoded<CSINode, "spec">;

const path = "spec.drivers";
const longestNodeID = 256;

export const csiNode = defineKind<DecodedCSINode>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  metadataChecks: ["object"],
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  validate: ({ spec }) => validateDrivers(spec.drivers ?? []),
  validateUpdate: ({ spec }, old) => [
    ...validateDrivers(spec.drivers ?? []),
    ...validateChanges(spec.drivers ?? [], old.spec.drivers ?? []),
  ],
  tableCells: ({ metadata, spec }, now) => ({
    cells: [metadata.name, spec.drivers?.length ?? 0, formatAge(metadata.creationTimestamp, now)],
  }),
});

/** Of a driver that stays, only how many volumes it can attach may change. */
function validateChanges(drivers: readonly CSINodeDriver[], olds: readonly CSINodeDriver[]): FieldError[] {
  return olds.flatMap((old) =>
    drivers.flatMap((driver) => {
      if (driver.name !== old.name) return [];
      const { allocatable: _new, ...fixed } = driver;
      const { allocatable: _old, ...oldFixed } = old;
      if (deepEqual(fixed, oldFixed)) return [];
      return [invalid(path, internalForm("CSINodeDriver", fixed), immutableError)];
    }),
  );
}

function validateDrivers(drivers: readonly CSINodeDriver[]): FieldError[] {
  const errors: FieldError[] = [];
  const known = new Set<string>();
  for (const [index, driver] of drivers.entries()) {
    const driverPath = item(path, index);
    validateIdentity(driver, driverPath, errors);
    if (known.has(driver.name)) errors.push(duplicate(child(driverPath, "name"), driver.name));
    known.add(driver.name);
    validateTopologyKeys(driver.topologyKeys ?? [], driverPath, errors);
  }
  return errors;
}

function validateIdentity(
  { name, nodeID, allocatable }: CSINodeDriver,
  driverPath: string,
  errors: FieldError[],
): void {
  validateCSIDriverName(name, child(driverPath, "name"), errors);
  const idPath = child(driverPath, "nodeID");
  if (nodeID === "") errors.push(required(idPath));
  if (Buffer.byteLength(nodeID) > longestNodeID) {
    errors.push(invalid(idPath, nodeID, `must be ${longestNodeID} characters or less`));
  }
  reportNegative(errors, child(driverPath, "allocatable", "count"), allocatable?.count);
}

function validateTopologyKeys(keys: readonly string[], driverPath: string, errors: FieldError[]): void {
  const known = new Set<string>();
  for (const key of keys) {
    if (key === "") errors.push(required(driverPath));
    if (known.has(key)) errors.push(duplicate(driverPath, key));
    known.add(key);
    reportInvalid(errors, driverPath, key, checkQualifiedName(key));
  }
}
