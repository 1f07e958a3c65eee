// What can be wrong with a new Pod, beyond its spec.

import { child, type FieldError, forbiddenField, item } from "../../../field-error.ts";
import { type PodOptions, podOptions } from "../pod-spec/pod-options.ts";
import { validatePodAnnotations, validateProfilesMatch } from "../pod-spec/validate-annotations.ts";
import { validateImageText } from "../pod-spec/validate-containers.ts";
import { validatePodSpec } from "../pod-spec/validate-pod-spec.ts";
import type { DecodedPod } from "./decoded-pod.ts";

export function validatePod(pod: DecodedPod): FieldError[] {
  const errors: FieldError[] = [];
  validatePodItself(pod, errors, podOptions());
  const { metadata, spec } = pod;
  if (spec.ephemeralContainers) errors.push(forbiddenField("spec.ephemeralContainers", "cannot be set on create"));
  if (spec.nodeName && spec.schedulingGates) {
    errors.push(forbiddenField("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  }
  validateProfilesMatch(metadata.annotations, spec, "spec", errors);
  return errors;
}

/** What must hold of every pod, new or changed: upstream's validatePodMetadataAndSpec. */
export function validatePodItself({ metadata, spec }: DecodedPod, errors: FieldError[], options: PodOptions): void {
  if (metadata.annotations) {
    validatePodAnnotations(metadata.annotations, spec, "metadata.annotations", errors, options);
  }
  validatePodSpec(spec, metadata, { path: "spec", errors, options });
  if (!spec.serviceAccountName) reportTokens({ spec }, errors);
  for (const list of ["containers", "initContainers"] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      validateImageText(container, item(child("spec", list), index), errors);
    }
  }
}

/** Without a service account there is nobody a token could be for. */
function reportTokens({ spec }: Pick<DecodedPod, "spec">, errors: FieldError[]): void {
  for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
    for (const [place, { serviceAccountToken }] of (projected?.sources ?? []).entries()) {
      if (!serviceAccountToken) continue;
      const field = `spec.volumes[${index}].projected.sources[${place}].serviceAccountToken`;
      errors.push(forbiddenField(field, "must not be specified when serviceAccountName is not set"));
    }
  }
}
