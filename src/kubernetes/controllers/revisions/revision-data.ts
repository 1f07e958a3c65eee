// What a ControllerRevision holds: a patch that puts an earlier pod template back, in upstream's form. Pure.

import type { ControllerRevision, PodTemplateSpec, RawExtension } from "#kubernetes/api";
import { canonicalJson } from "../canonical-json.ts";

const texts = new WeakMap<object, string>();

/** With sorted keys: a server that keeps the bytes would take another order for a change of what must not change. */
export function revisionData(template: PodTemplateSpec): RawExtension {
  return JSON.parse(canonicalJson({ spec: { template: { ...template, $patch: "replace" } } }));
}

export function isSameData(a: RawExtension | undefined, b: RawExtension | undefined): boolean {
  return textOf(a) === textOf(b);
}

/** The template a revision puts back; undefined where it holds none. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec | undefined {
  const { spec } = (data ?? {}) as { spec?: { template?: PodTemplateSpec & { $patch?: string } } };
  if (!spec?.template) return undefined;
  const { $patch: _, ...template } = spec.template;
  return template;
}

/** Oldest first; times and names decide between equal numbers. */
export function compareRevisions(a: ControllerRevision, b: ControllerRevision): number {
  if (a.revision !== b.revision) return a.revision - b.revision;
  const [createdA = "", createdB = ""] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (createdA !== createdB) return createdA < createdB ? -1 : 1;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}

export function maxRevisionOf(revisions: readonly ControllerRevision[]): number {
  return Math.max(0, ...revisions.map(({ revision }) => revision));
}

function textOf(data: RawExtension | undefined): string {
  if (!data) return "";
  let text = texts.get(data);
  if (text === undefined) {
    text = canonicalJson(data);
    texts.set(data, text);
  }
  return text;
}
