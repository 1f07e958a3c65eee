// Pod: containers that run together on one node.

import { warnOfIP } from "../../../ip-validation.ts";
import { checkDNS1123Label } from "../../../names.ts";
import { defineKind } from "../../define-kind.ts";
import { warnOfAppArmor, warnOfPod } from "../pod-spec/warnings/warn-of-pod.ts";
import type { DecodedPod } from "./decoded-pod.ts";
import { setPodDefaults } from "./default-pod.ts";
import { prepareEphemeralContainersUpdate, validateEphemeralContainersUpdate } from "./ephemeral-containers.ts";
import { podRow } from "./pod-cells.ts";
import { preparePodForCreate, preparePodForStatusUpdate, preparePodForUpdate } from "./prepare-pod.ts";
import { prepareResize, validateResize } from "./resize.ts";
import { validatePod } from "./validate-pod.ts";
import { validatePodStatusUpdate } from "./validate-pod-status.ts";
import { validatePodUpdate } from "./validate-pod-update.ts";

export const pod = defineKind<DecodedPod>({
  group: "",
  version: "v1",
  kind: "Pod",
  metadataChecks: ["update", "object"],
  hasGeneration: true,
  setDefaults: setPodDefaults,
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  prepareForStatusUpdate: preparePodForStatusUpdate,
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  preparationWarnings: warnOfAppArmor,
  // Updates of pods are too frequent, and too rarely made by people, to be warned of.
  warnings: (object, old) => (old ? [] : warnOfNewPod(object)),
  statusWarnings,
  subresources: {
    ephemeralcontainers: {
      metadataChecks: ["update", "object"],
      prepare: prepareEphemeralContainersUpdate,
      validate: validateEphemeralContainersUpdate,
    },
    resize: { metadataChecks: ["update", "object"], prepare: prepareResize, validate: validateResize },
  },
  gracePeriodSeconds,
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.host": ({ spec }) => spec.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec.restartPolicy ?? "",
    "spec.schedulerName": ({ spec }) => spec.schedulerName ?? "",
    "spec.serviceAccountName": ({ spec }) => spec.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec.hostNetwork ?? false),
    "status.phase": ({ status }) => status.phase ?? "",
    "status.podIP": ({ status }) => status.podIPs?.[0]?.ip ?? "",
    // Upstream knows the name and no value for it.
    "status.podIPs": () => "",
    "status.nominatedNodeName": ({ status }) => status.nominatedNodeName ?? "",
  },
  tableCells: podRow,
});

function warnOfNewPod(object: DecodedPod): string[] {
  const problems = checkDNS1123Label(object.metadata.name ?? "");
  if (problems.length === 0) return warnOfPod(object);
  const what =
    "this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended";
  return [`metadata.name: ${what}: [${problems.join(" ")}]`, ...warnOfPod(object)];
}

function statusWarnings({ status }: DecodedPod): string[] {
  return (["podIPs", "hostIPs"] as const).flatMap((field) =>
    (status[field] ?? []).flatMap(({ ip }, index) => warnOfIP(`status.${field}[${index}].ip`, ip ?? "")),
  );
}

/** Nobody waits for a pod that never ran or runs no more. */
function gracePeriodSeconds({ spec, status }: DecodedPod, requested: number | undefined): number {
  if (!spec.nodeName || status.phase === "Failed" || status.phase === "Succeeded") return 0;
  const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 0;
  return seconds < 0 ? 1 : seconds;
}
