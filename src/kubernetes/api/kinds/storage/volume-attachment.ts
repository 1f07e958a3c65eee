// VolumeAttachment: the wish that a volume be attached to a node, and whether it is.

import { child, type FieldError, forbiddenField, invalid, required, tooLong } from "../../field-error.ts";
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from "../../generated/types.ts";
import { checkDNSSubdomainName, rangeError } from "../../names.ts";
import { schemaOf } from "../../types-table.ts";
import { validatePersistentVolumeSpec } from "../core/persistent-volume/validate-spec.ts";
import { roundUpAmounts } from "../core/resources/quantities.ts";
import { validateCSIDriverName } from "../core/volumes/csi.ts";
import { setSourceDefaults } from "../core/volumes/default-volumes.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { keepMetadata } from "../metadata/keep-metadata.ts";
import { immutableError, reportInvalid } from "../report.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { semanticEqual } from "../values/semantic-equal.ts";

type DecodedAttachment = Decoded<VolumeAttachment, "spec" | "status">;

const mostMetadataBytes = 256 * 1024;
const longestMessage = 1024;

export const volumeAttachment = defineKind<DecodedAttachment>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  metadataChecks: ["object"],
  statusMetadataChecks: ["object"],
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  setDefaults: ({ spec }) => {
    const { inlineVolumeSpec } = spec.source;
    if (!inlineVolumeSpec) return;
    roundUpAmounts(inlineVolumeSpec.capacity);
    setSourceDefaults(inlineVolumeSpec);
  },
  prepareForCreate: (object) => {
    object.status = { attached: false };
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
    keepMetadata(object.metadata, old.metadata);
  },
  validate,
  validateUpdate,
  validateStatusUpdate: validateUpdate,
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      spec.attacher,
      spec.source.persistentVolumeName ?? "",
      spec.nodeName,
      status.attached,
      formatAge(metadata.creationTimestamp, now),
    ],
  }),
});

function validate({ spec, status }: DecodedAttachment): FieldError[] {
  const errors: FieldError[] = [];
  const { attacher, source, nodeName } = spec;
  validateCSIDriverName(attacher, "spec.attacher", errors);
  validateSource(source, "spec.source", errors);
  reportInvalid(errors, "spec.nodeName", nodeName, checkDNSSubdomainName(nodeName, false));
  validateMetadata(status.attachmentMetadata ?? {}, "status.attachmentMetadata", errors);
  validateError(status.attachError, "status.attachError", errors);
  validateError(status.detachError, "status.detachError", errors);
  const name = source.persistentVolumeName;
  if (name !== undefined) {
    reportInvalid(errors, "spec.source.persistentVolumeName", name, checkDNSSubdomainName(name, false));
  }
  return errors;
}

function validateUpdate(object: DecodedAttachment, old: DecodedAttachment): FieldError[] {
  const errors = validate(object);
  if (semanticEqual(schemaOf("io.k8s.api.storage.v1.VolumeAttachmentSpec"), object.spec, old.spec)) return errors;
  return [...errors, invalid("spec", internalForm("VolumeAttachmentSpec", object.spec), immutableError)];
}

function validateSource(source: VolumeAttachmentSource, path: string, errors: FieldError[]): void {
  const { inlineVolumeSpec, persistentVolumeName: name } = source;
  const onlyOne = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  if (!inlineVolumeSpec && name === undefined) errors.push(required(path, onlyOne));
  else if (inlineVolumeSpec && name !== undefined) errors.push(forbiddenField(path, onlyOne));
  else if (inlineVolumeSpec) {
    validatePersistentVolumeSpec(inlineVolumeSpec, child(path, "inlineVolumeSpec"), errors, {
      name: "",
      isInline: true,
    });
  } else if (name === "") {
    errors.push(required(child(path, "persistentVolumeName"), "must specify non empty persistentVolumeName"));
  }
}

function validateMetadata(metadata: Readonly<Record<string, string>>, path: string, errors: FieldError[]): void {
  let size = 0;
  for (const [key, value] of Object.entries(metadata)) size += Buffer.byteLength(key) + Buffer.byteLength(value);
  if (size > mostMetadataBytes) errors.push(tooLong(path, mostMetadataBytes));
}

function validateError(error: VolumeError | undefined, path: string, errors: FieldError[]): void {
  const { message = "", errorCode } = error ?? {};
  // The number shown is upstream's: not the limit of messages.
  if (Buffer.byteLength(message) > longestMessage) errors.push(tooLong(child(path, "message"), mostMetadataBytes));
  if (errorCode !== undefined && errorCode < 0) {
    errors.push(invalid(child(path, "errorCode"), errorCode, rangeError(0, 2 ** 31 - 1)));
  }
}
