// ResourceClaimTemplate: what claims made for single pods look like. It never changes.

import { type FieldError, invalid } from "../../field-error.ts";
import type { ResourceClaimTemplate, ResourceClaimTemplateSpec } from "../../generated/types.ts";
import { validateTemplateMeta } from "../core/persistent-volume-claim/validate-spec.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { immutableError } from "../report.ts";
import { internalForm } from "../values/internal-form.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { setDeviceClaimDefaults, validateDeviceClaim } from "./validate-device-claim.ts";

type DecodedTemplate = Decoded<ResourceClaimTemplate, "spec">;

export const resourceClaimTemplate = defineKind<DecodedTemplate>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaimTemplate",
  metadataChecks: ["object", "update"],
  hasGeneration: false,
  setDefaults: ({ spec }) => setDeviceClaimDefaults(spec.spec.devices ?? {}),
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }, old) => {
    const errors = validateSpec(spec);
    // Its metadata stands embedded in it, and shows its fields as the spec's own.
    const shown = { ...spec.metadata, Spec: internalForm("ResourceClaimSpec", spec.spec) };
    if (!deepEqual(spec, old.spec)) errors.push(invalid("spec", shown, immutableError));
    return errors;
  },
});

function validateSpec({ metadata, spec }: ResourceClaimTemplateSpec): FieldError[] {
  const errors: FieldError[] = [];
  validateTemplateMeta(metadata ?? {}, "spec.metadata", errors);
  validateDeviceClaim(spec.devices ?? {}, "spec.spec.devices", errors);
  return errors;
}
