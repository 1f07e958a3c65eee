// The selector of a Job and the labels of its pods, which the server makes up unless the client asks to do so (manualSelector).

import { child, entry, type FieldError, invalid, required } from "../../field-error.ts";
import type { JobSpec, ObjectMeta } from "../../generated/types.ts";
import { checkLabelValue } from "../../names.ts";
import { readSelector } from "../apps/pod-template.ts";
import { internalForm } from "../values/internal-form.ts";
import type { DecodedJob } from "./job.ts";

export const nameLabel = "batch.kubernetes.io/job-name";
export const uidLabel = "batch.kubernetes.io/controller-uid";
const legacyNameLabel = "job-name";
const legacyUidLabel = "controller-uid";

export function generateSelector({ metadata, spec }: DecodedJob): void {
  if (spec.manualSelector) return;
  const { name = "", uid = "" } = metadata;
  const generated = { [legacyNameLabel]: name, [nameLabel]: name, [legacyUidLabel]: uid, [uidLabel]: uid };
  const { template } = spec;
  const labels = { ...generated, ...template.metadata?.labels };
  // Labels taken over from the template (setDefaults) are one map with it, also upstream. Those of a template that had none
  // are taken over when it is read again, unless it is about to be refused.
  const isShared = metadata.labels !== undefined && metadata.labels === template.metadata?.labels;
  const isBare = !metadata.labels && checkLabelValue(name).length === 0;
  if (isShared || isBare) metadata.labels = labels;
  template.metadata = { ...template.metadata, labels };
  spec.selector = { ...spec.selector, matchLabels: { [uidLabel]: uid, ...spec.selector?.matchLabels } };
}

/** Jobs from before the labels got their prefix have only the old ones. */
export function validateGeneratedSelector(
  { metadata, spec }: DecodedJob,
  errors: FieldError[],
  { prefixed }: { prefixed: boolean },
): void {
  if (spec.manualSelector || !spec.selector) return;
  const { name = "", uid = "" } = metadata;
  if (uid === "") errors.push(required("metadata.uid"));
  const expected: Record<string, string> = { [legacyUidLabel]: uid, [legacyNameLabel]: name };
  if (prefixed) Object.assign(expected, { [uidLabel]: uid, [nameLabel]: name });
  for (const [key, value] of Object.entries(expected)) {
    validateLabel(spec.template.metadata, key, value, errors);
  }
  const selector = readSelector(spec.selector);
  if (!selector || selector.matches(expected)) return;
  errors.push(invalid("spec.selector", internalForm("LabelSelector", spec.selector), "`selector` not auto-generated"));
}

function validateLabel(meta: ObjectMeta | undefined, key: string, expected: string, errors: FieldError[]): void {
  const labels = meta?.labels;
  if (labels?.[key] === expected) return;
  const field = entry(child("spec.template.metadata", "labels"), key);
  const why = `must be '${expected}'`;
  if (labels && key in labels) errors.push(invalid(field, internalForm("map:string", labels), why));
  else errors.push(required(field, why));
}

export function hasPrefixedLabels({ template }: JobSpec): boolean {
  const labels = template.metadata?.labels ?? {};
  return nameLabel in labels && uidLabel in labels;
}
