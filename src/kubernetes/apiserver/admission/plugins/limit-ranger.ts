// LimitRanger: containers get the defaults of a namespace's LimitRanges, and pods and claims stay within their bounds.

import {
  type Container,
  type LimitRange,
  type LimitRangeItem,
  type PersistentVolumeClaim,
  type Pod,
  podLimits,
  podRequests,
  type ResourceList,
  resources,
} from "#kubernetes/api";
import { type AdmissionPlugin, type AdmissionRequest, isResource } from "../admission.ts";
import { Refusal } from "../refusal.ts";
import { checkMax, checkMaxRequest, checkMin, checkRatio } from "./limit-checks.ts";
import type { PluginContext } from "./plugin-context.ts";

const annotation = "kubernetes.io/limit-ranger";

export function limitRanger({ objects }: PluginContext): AdmissionPlugin {
  return {
    name: "LimitRanger",
    handles: (target) => {
      const { operation, group, resource, subresource } = target;
      if (operation === "UPDATE" && group === "" && resource === "pods") return subresource === "resize";
      if (operation !== "CREATE" && operation !== "UPDATE") return false;
      return isResource(target, "", "pods") || isResource(target, "", "persistentvolumeclaims");
    },
    async admit(request) {
      if (request.resource !== "pods" || isLeaving(request)) return;
      for (const range of await objects.list(resources.limitRanges, request.namespace)) {
        setDefaults(request.object as Pod, range);
      }
    },
    async validate(request) {
      if (isLeaving(request)) return;
      for (const range of await objects.list(resources.limitRanges, request.namespace)) {
        const errors =
          request.resource === "pods" ? checkPod(request.object as Pod, range) : checkClaim(request, range);
        if (errors.length > 0) throw new Refusal(joinErrors(errors));
      }
    },
  };
}

/** Objects that are being deleted only lose finalizers: nothing of that may fail here. */
function isLeaving({ operation, oldObject }: AdmissionRequest): boolean {
  return operation === "UPDATE" && oldObject?.metadata.deletionTimestamp !== undefined;
}

function joinErrors(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? distinct[0]! : `[${distinct.join(", ")}]`;
}

function setDefaults(pod: Pod, { spec }: LimitRange): void {
  const items = (spec?.limits ?? []).filter((item) => item.type === "Container");
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest)) as Record<string, string>;
  const limits = Object.assign({}, ...items.map((item) => item.default)) as Record<string, string>;
  const notes = [
    ...(pod.spec?.containers ?? []).flatMap((each) => fill(each, requests, limits, "container")),
    ...(pod.spec?.initContainers ?? []).flatMap((each) => fill(each, requests, limits, "init container")),
  ];
  if (notes.length === 0) return;
  pod.metadata.annotations = {
    ...pod.metadata.annotations,
    [annotation]: `LimitRanger plugin set: ${notes.join("; ")}`,
  };
}

/** Sets what the container does not say; answers what was set, in words. */
function fill(
  container: Container,
  requests: Readonly<Record<string, string>>,
  limits: Readonly<Record<string, string>>,
  word: string,
): string[] {
  const given = container.resources ?? {};
  const newRequests = Object.keys(requests).filter((name) => given.requests?.[name] === undefined);
  const newLimits = Object.keys(limits).filter((name) => given.limits?.[name] === undefined);
  if (newRequests.length + newLimits.length === 0) return [];
  container.resources = {
    ...given,
    ...(newLimits.length > 0 && { limits: { ...limits, ...given.limits } }),
    ...(newRequests.length > 0 && { requests: { ...requests, ...given.requests } }),
  };
  const note = (names: readonly string[], what: string) =>
    names.length > 0 ? [`${names.toSorted().join(", ")} ${what} for ${word} ${container.name}`] : [];
  return [...note(newRequests, "request"), ...note(newLimits, "limit")];
}

function checkPod(pod: Pod, { spec }: LimitRange): string[] {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return (spec?.limits ?? []).flatMap((item) => {
    if (item.type === "Container") {
      return containers.flatMap(({ resources: own }) => checkItem(item, own?.requests ?? {}, own?.limits ?? {}));
    }
    if (item.type !== "Pod") return [];
    return checkItem(item, podRequests(pod, { overhead: false }), podLimits(pod, { overhead: false }));
  });
}

function checkItem(item: LimitRangeItem, requests: ResourceList, limits: ResourceList): string[] {
  const { type, min = {}, max = {}, maxLimitRequestRatio: ratio = {} } = item;
  return [
    ...Object.entries(min).map(([name, bound]) => checkMin(type, name, bound, requests[name], limits[name])),
    ...Object.entries(max).map(([name, bound]) => checkMax(type, name, bound, requests[name], limits[name])),
    ...Object.entries(ratio).map(([name, bound]) => checkRatio(type, name, bound, requests[name], limits[name])),
  ].filter((error) => error !== undefined);
}

function checkClaim({ object }: AdmissionRequest, { spec }: LimitRange): string[] {
  const requests = (object as PersistentVolumeClaim).spec?.resources?.requests ?? {};
  const items = (spec?.limits ?? []).filter((item) => item.type === "PersistentVolumeClaim");
  return items
    .flatMap(({ type, min = {}, max = {} }) => [
      ...Object.entries(min).map(([name, bound]) => checkMin(type, name, bound, requests[name], undefined)),
      ...Object.entries(max).map(([name, bound]) => checkMaxRequest(type, name, bound, requests[name])),
    ])
    .filter((error) => error !== undefined);
}
