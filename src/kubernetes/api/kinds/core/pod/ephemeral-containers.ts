// pods/ephemeralcontainers: containers may be added there, and nothing else may change.

import { type FieldError, forbiddenField } from "../../../field-error.ts";
import { quote } from "../../../go-format.ts";
import { schemaOf } from "../../../types-table.ts";
import { keepMetadata } from "../../metadata/keep-metadata.ts";
import { diffInternalForms } from "../../values/diff/unified-diff.ts";
import { semanticEqual } from "../../values/semantic-equal.ts";
import { dropDisabledFields } from "../pod-spec/drop-disabled-fields.ts";
import { podOptions } from "../pod-spec/pod-options.ts";
import { mirrorAnnotation } from "../pod-spec/validate-annotations.ts";
import { countGeneration } from "./count-generation.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { validatePodItself } from "./validate-pod.ts";
import { validateAnnotationsUpdate } from "./validate-pod-update.ts";

export function prepareEphemeralContainersUpdate(pod: DecodedPod, old: DecodedPod): void {
  const { ephemeralContainers: _old, ...spec } = old.spec;
  const { ephemeralContainers } = pod.spec;
  pod.spec = { ...spec, ...(ephemeralContainers && { ephemeralContainers }) };
  pod.status = old.status;
  keepMetadata(pod.metadata, old.metadata);
  dropDisabledFields(pod.spec, old.spec);
  countGeneration(pod, old);
}

export function validateEphemeralContainersUpdate(pod: DecodedPod, old: DecodedPod): FieldError[] {
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return [forbiddenField("[]", "static pods do not support ephemeral containers")];
  }
  const errors: FieldError[] = [];
  const options = podOptions(old);
  validatePodItself(pod, errors, options);
  validateAnnotationsUpdate(pod, old, errors, options);
  const path = "spec.ephemeralContainers";
  for (const known of old.spec.ephemeralContainers ?? []) {
    const container = pod.spec.ephemeralContainers?.findLast(({ name }) => name === known.name);
    const what = `existing ephemeral containers ${quote(known.name)}`;
    if (!container) errors.push(forbiddenField(path, `${what} may not be removed\n`));
    else if (!semanticEqual(schemaOf("io.k8s.api.core.v1.EphemeralContainer"), known, container)) {
      const diff = diffInternalForms("EphemeralContainer", known, container);
      errors.push(forbiddenField(path, `${what} may not be changed\n${diff}`));
    }
  }
  return errors;
}
