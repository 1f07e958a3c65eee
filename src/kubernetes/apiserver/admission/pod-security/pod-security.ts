// PodSecurity: pods keep to the standard their namespace enforces; those that make pods are warned.

import {
  equalJson,
  invalidObject,
  type KubeObject,
  type Namespace,
  type Pod,
  type PodTemplateSpec,
  quote,
  resources,
} from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import { type AdmissionPlugin, type AdmissionRequest, forbiddenRequest } from "../admission.ts";
import type { PluginContext } from "../plugins/plugin-context.ts";
import { checkedPod } from "./check.ts";
import { describeViolations, evaluatePod } from "./evaluate.ts";
import {
  checkPolicyLabels,
  formatLevelVersion,
  isSameLevelVersion,
  isStricter,
  type LevelVersion,
  readPolicy,
} from "./policy.ts";

/** Resources that hold a pod template, and the path to it. */
const templates: Readonly<Record<string, readonly string[]>> = {
  "/podtemplates": ["template"],
  "/replicationcontrollers": ["spec", "template"],
  "apps/replicasets": ["spec", "template"],
  "apps/deployments": ["spec", "template"],
  "apps/statefulsets": ["spec", "template"],
  "apps/daemonsets": ["spec", "template"],
  "batch/jobs": ["spec", "template"],
  "batch/cronjobs": ["spec", "jobTemplate", "spec", "template"],
};
const checkedPodSubresources = new Set(["", "ephemeralcontainers", "resize"]);

export function podSecurity({ objects }: PluginContext): AdmissionPlugin {
  return {
    name: "PodSecurity",
    handles({ operation, group, resource, subresource }) {
      if (operation !== "CREATE" && operation !== "UPDATE") return false;
      if (group === "" && resource === "pods") return checkedPodSubresources.has(subresource);
      if (subresource !== "") return false;
      return (group === "" && resource === "namespaces") || `${group}/${resource}` in templates;
    },
    async validate(request) {
      if (request.group === "" && request.resource === "namespaces") return validateNamespace(objects, request);
      const namespace = await objects.get(resources.namespaces, { name: request.namespace });
      const policy = readPolicy(namespace?.metadata.labels);
      if (policy.enforce.level === "privileged" && policy.warn.level === "privileged") return;
      if (request.resource === "pods") validatePod(request, policy.enforce, policy.warn);
      else warnOfTemplate(request, policy.warn);
    },
  };
}

function validatePod(request: AdmissionRequest, enforce: LevelVersion, warn: LevelVersion): void {
  const pod = request.object as Pod;
  if (request.operation === "UPDATE" && !changesContainers(pod, request.oldObject as Pod)) return;
  const checked = checkedPod(pod.spec!, pod.metadata.annotations);
  const violations = evaluatePod(enforce, checked);
  if (violations.length > 0) throw forbiddenRequest(request, `violates ${describeViolations(enforce, violations)}`);
  const warnings = isSameLevelVersion(warn, enforce) ? [] : evaluatePod(warn, checked);
  if (warnings.length > 0) request.warn(`would violate ${describeViolations(warn, warnings)}`);
}

/** Only new images and new containers make an update worth a look. */
function changesContainers(pod: Pod, old: Pod): boolean {
  const images = ({ spec }: Pod) => [
    (spec?.containers ?? []).map(({ image }) => image),
    (spec?.initContainers ?? []).map(({ image }) => image),
  ];
  if (!equalJson(images(pod), images(old))) return true;
  const before = new Map((old.spec?.ephemeralContainers ?? []).map(({ name, image }) => [name, image]));
  return (pod.spec?.ephemeralContainers ?? []).some(
    ({ name, image }) => !before.has(name) || before.get(name) !== image,
  );
}

function warnOfTemplate(request: AdmissionRequest, warn: LevelVersion): void {
  const path = templates[`${request.group}/${request.resource}`]!;
  let value: unknown = request.object as KubeObject;
  for (const step of path) value = (value as Record<string, unknown> | undefined)?.[step];
  const template = value as PodTemplateSpec | undefined;
  if (!template?.spec) return;
  const violations = evaluatePod(warn, checkedPod(template.spec, template.metadata?.annotations));
  if (violations.length > 0) request.warn(`would violate ${describeViolations(warn, violations)}`);
}

async function validateNamespace(objects: LiveObjects, request: AdmissionRequest): Promise<void> {
  const namespace = request.object as Namespace;
  const old = request.oldObject as Namespace | undefined;
  const errors = checkPolicyLabels(namespace.metadata.labels);
  if (errors.length > 0 && !(old && equalJson(errors, checkPolicyLabels(old.metadata.labels)))) {
    throw invalidObject({ group: "", kind: "Namespace" }, namespace.metadata.name ?? "", errors);
  }
  if (!old) return;
  const { enforce } = readPolicy(namespace.metadata.labels);
  const before = readPolicy(old.metadata.labels).enforce;
  if (isSameLevelVersion(enforce, before) || enforce.level === "privileged") return;
  if (enforce.minor === before.minor && !isStricter(enforce.level, before.level)) return;
  await warnOfPods(objects, request, enforce);
}

/** Upstream looks at so many pods at most. */
const mostPods = 3000;

async function warnOfPods(objects: LiveObjects, request: AdmissionRequest, enforce: LevelVersion): Promise<void> {
  const name = request.object!.metadata.name!;
  const pods = await objects.list<Pod>(resources.pods, name);
  const found = new Map<string, string[]>();
  for (const pod of pods.slice(0, mostPods)) {
    const violations = evaluatePod(enforce, checkedPod(pod.spec!, pod.metadata.annotations));
    if (violations.length === 0) continue;
    const reasons = violations.map(({ reason }) => reason).join(", ");
    found.set(reasons, [...(found.get(reasons) ?? []), pod.metadata.name!]);
  }
  if (pods.length > mostPods) {
    request.warn(
      `new PodSecurity enforce level only checked against the first ${mostPods} of ${pods.length} existing pods`,
    );
  }
  if (found.size === 0) return;
  const level = quote(formatLevelVersion(enforce));
  request.warn(`existing pods in namespace ${quote(name)} violate the new PodSecurity enforce level ${level}`);
  for (const text of [...found].map(([reasons, names]) => `${namePods(names)}: ${reasons}`).sort()) request.warn(text);
}

function namePods(names: readonly string[]): string {
  const first = names.toSorted()[0]!;
  if (names.length === 1) return first;
  return names.length === 2 ? `${first} (and 1 other pod)` : `${first} (and ${names.length - 1} other pods)`;
}
