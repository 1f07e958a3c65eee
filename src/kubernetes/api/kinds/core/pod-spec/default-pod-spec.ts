// Defaults of a pod's spec wherever it stands, in a Pod or in the template of one.

import type { PodSpec, PodTemplateSpec } from "../../../generated/types.ts";
import { roundUpAmounts } from "../resources/quantities.ts";
import { setVolumeDefaults } from "../volumes/default-volumes.ts";
import { setContainerDefaults } from "./default-containers.ts";

/** Of a template, in whichever kind: upstream's SetDefaults_PodSpec and all below it, and what its conversions settle. */
export function setPodTemplateDefaults(template: PodTemplateSpec): void {
  const { metadata, spec } = template;
  dropInitContainerAnnotations(metadata);
  if (spec) setPodSpecDefaults(spec);
}

export function setPodSpecDefaults(spec: PodSpec): void {
  spec.dnsPolicy ||= "ClusterFirst";
  spec.restartPolicy ||= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= "default-scheduler";
  syncServiceAccount(spec);
  for (const volume of spec.volumes ?? []) setVolumeDefaults(volume);
  for (const container of spec.initContainers ?? []) setContainerDefaults(container);
  for (const container of spec.containers ?? []) setContainerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) setContainerDefaults(container);
  roundUpAmounts(spec.overhead);
  roundUpAmounts(spec.resources?.limits);
  roundUpAmounts(spec.resources?.requests);
}

/** The service account's name is also known by its first field. */
export function syncServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

/** From before init containers had a field. */
const initContainerAnnotations = ["beta", "alpha"].flatMap((stage) => [
  `pod.${stage}.kubernetes.io/init-containers`,
  `pod.${stage}.kubernetes.io/init-container-statuses`,
]);

export function dropInitContainerAnnotations(metadata: { annotations?: Record<string, string> } | undefined): void {
  const annotations = metadata?.annotations;
  if (!annotations) return;
  for (const key of initContainerAnnotations) {
    if (key in annotations) delete annotations[key];
  }
}
