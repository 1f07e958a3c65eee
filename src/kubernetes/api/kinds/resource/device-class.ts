// DeviceClass: a kind of device claims can ask for by name.

import { type FieldError, invalid } from "../../field-error.ts";
import type { DeviceClass, DeviceClassSpec } from "../../generated/types.ts";
import { bareContext, type CheckContext } from "../check-context.ts";
import { isExtendedResource } from "../core/resources/resource-names.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { checkLongName } from "../metadata/long-name.ts";
import { formatAge } from "../table/human-duration.ts";
import { deepEqual } from "../values/semantic-equal.ts";
import { validateItems } from "./collections.ts";
import { validateConfiguration } from "./validate-configuration.ts";
import { mostConfigurations } from "./validate-device-claim.ts";
import { validateSelectors } from "./validate-selectors.ts";

type DecodedClass = Decoded<DeviceClass, "spec">;

export const deviceClass = defineKind<DecodedClass>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "DeviceClass",
  metadataChecks: ["object", "update"],
  validateName: checkLongName,
  validate: ({ spec }, context) => validateSpec(spec, undefined, context),
  validateUpdate: ({ spec }, old, context) => validateSpec(spec, old.spec, context),
  tableCells: ({ metadata }, now) => ({ cells: [metadata.name, formatAge(metadata.creationTimestamp, now)] }),
});

function validateSpec(
  spec: DeviceClassSpec,
  old: DeviceClassSpec | undefined,
  { expressionErrors }: CheckContext = bareContext,
): FieldError[] {
  const errors: FieldError[] = [];
  validateSelectors(spec.selectors, "spec.selectors", errors, expressionErrors);
  const isStored = old !== undefined && deepEqual(spec.config ?? [], old.config ?? []);
  validateItems(spec.config, mostConfigurations, "spec.config", errors, (configuration, path) =>
    validateConfiguration(configuration, path, errors, isStored),
  );
  const { extendedResourceName: name } = spec;
  if (name !== undefined && !isExtendedResource(name)) {
    errors.push(invalid("spec.extendedResourceName", name, "must be a valid extended resource name"));
  }
  return errors;
}
