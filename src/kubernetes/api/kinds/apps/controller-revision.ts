// ControllerRevision: what a DaemonSet's or StatefulSet's template was at some time. Its data never changes.

import { type FieldError, invalid, required } from "../../field-error.ts";
import type { ControllerRevision } from "../../generated/types.ts";
import { parseApiVersion } from "../../resource.ts";
import { formatGroupKind } from "../../status-error.ts";
import { defineKind } from "../define-kind.ts";
import { immutableError, reportNegative } from "../report.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";

export const controllerRevision = defineKind<ControllerRevision>({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  metadataChecks: ["update", "object"],
  hasGeneration: false,
  validate,
  validateUpdate: (object, old) => {
    const errors: FieldError[] = [];
    reportNegative(errors, "revision", object.revision);
    if (!deepEqual(object.data, old.data)) errors.push(invalid("data", object.data, immutableError));
    return errors;
  },
  tableCells: (object, now) => ({
    cells: [
      object.metadata.name,
      formatController(object),
      object.revision,
      formatAge(object.metadata.creationTimestamp, now),
    ],
  }),
});

function validate({ revision, data }: ControllerRevision): FieldError[] {
  const errors: FieldError[] = [];
  reportNegative(errors, "revision", revision);
  if (data === undefined || data === null) errors.push(required("data", "data is mandatory"));
  else if (typeof data !== "object" || Array.isArray(data)) {
    errors.push(required("data", "data must be a valid JSON object"));
  }
  return errors;
}

/** "daemonset.apps/name". */
function formatController({ metadata }: ControllerRevision): string {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller);
  if (!owner) return noneCell;
  const { group } = parseApiVersion(owner.apiVersion);
  return `${formatGroupKind({ group, kind: owner.kind }).toLowerCase()}/${owner.name}`;
}
