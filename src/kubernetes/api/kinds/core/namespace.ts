// Namespace: carries its name as a label, keeps the finalizer that empties it, and its phase follows its deletion.

import { type FieldError, invalid, item } from "../../field-error.ts";
import type { Namespace } from "../../generated/types.ts";
import { checkDNSLabelName, checkQualifiedName } from "../../names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { validateStandardFinalizer } from "../metadata/finalizers.ts";
import { reportInvalid } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";

type DecodedNamespace = Decoded<Namespace, "spec" | "status">;

const nameLabel = "kubernetes.io/metadata.name";
const finalizer = "kubernetes";

export const namespace = defineKind<DecodedNamespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  setDefaults,
  prepareForCreate,
  prepareForUpdate: (object, old) => {
    object.spec = { ...object.spec, ...(old.spec.finalizers && { finalizers: old.spec.finalizers }) };
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validateName: checkDNSLabelName,
  validate,
  validateUpdate: validate,
  validateStatusUpdate,
  subresources: {
    finalize: {
      prepare: (object, old) => {
        object.status = old.status;
      },
      validate: validateFinalize,
    },
  },
  selectableFields: { "status.phase": (object) => object.status.phase ?? "" },
  tableCells: ({ metadata, status }, now) => ({
    cells: [metadata.name, status.phase ?? "", formatAge(metadata.creationTimestamp, now)],
  }),
});

function setDefaults({ metadata, status }: DecodedNamespace): void {
  if (metadata.name) metadata.labels = { ...metadata.labels, [nameLabel]: metadata.name };
  status.phase ||= "Active";
}

/** A generated name gets its label, too, unless it is about to be refused. */
function prepareForCreate(object: DecodedNamespace): void {
  const { metadata, spec } = object;
  const { name = "" } = metadata;
  if (checkDNSLabelName(name, false).length === 0) metadata.labels = { ...metadata.labels, [nameLabel]: name };
  object.status = { phase: "Active" };
  if (!spec.finalizers?.includes(finalizer)) spec.finalizers = [...(spec.finalizers ?? []), finalizer];
}

function validate(object: DecodedNamespace): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of object.spec.finalizers ?? []) validateFinalizer(name, "spec.finalizers", errors);
  return errors;
}

function validateFinalize(object: DecodedNamespace): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, name] of (object.spec.finalizers ?? []).entries()) {
    validateFinalizer(name, item("spec.finalizers", index), errors);
  }
  return errors;
}

function validateFinalizer(name: string, path: string, errors: FieldError[]): void {
  reportInvalid(errors, path, name, checkQualifiedName(name));
  validateStandardFinalizer(name, path, errors);
}

function validateStatusUpdate({ metadata, status }: DecodedNamespace): FieldError[] {
  const [phase, deleted] = metadata.deletionTimestamp ? ["Terminating", "not empty"] : ["Active", "empty"];
  if (status.phase === phase) return [];
  return [invalid("status.Phase", status.phase ?? "", `may only be '${phase}' if \`deletionTimestamp\` is ${deleted}`)];
}
