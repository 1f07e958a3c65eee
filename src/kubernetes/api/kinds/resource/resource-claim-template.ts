// ResourceClaimTemplate: what claims made for single pods look like. It never changes.

import { type FieldError, invalid } from "../../field-error.ts";
import type { ResourceClaimTemplate, ResourceClaimTemplateSpec } from "../../generated/types.ts";
import { bareContext, type CheckContext } from "../check-context.ts";
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
  validate: ({ spec }, context) => validateSpec(spec, context),
  validateUpdate: ({ spec }, old, context) => {
    const errors = validateSpec(spec, context);
    // Its metadata stands embedded in it, and shows its fields as the spec's own.
    const shown = { ...spec.metadata, Spec: internalForm("ResourceClaimSpec", spec.spec) };
    if (!deepEqual(spec, old.spec)) errors.push(invalid("spec", shown, immutableError));
    return errors;
  },
});

function validateSpec(
  { metadata, spec }: ResourceClaimTemplateSpec,
  { expressionErrors }: CheckContext = bareContext,
): FieldError[] {
  const errors: FieldError[] = [];
  validateTemplateMeta(metadata ?? {}, "spec.metadata", errors);
  validateDeviceClaim(spec.devices ?? {}, "spec.spec.devices", errors, expressionErrors);
  return errors;
}
