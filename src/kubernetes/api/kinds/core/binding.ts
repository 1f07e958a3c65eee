// Binding: asks that a pod be put on a node. It is carried out, never stored.

import { type FieldError, notSupported, required } from "../../field-error.ts";
import type { Binding } from "../../generated/types.ts";
import { defineKind } from "../define-kind.ts";

export const binding = defineKind<Binding>({
  group: "",
  version: "v1",
  kind: "Binding",
  hasGeneration: false,
  validate: validatePodBinding,
});

/** Upstream answers these as an internal error of the aggregate, not as an invalid object: metadata is not looked at. */
export function validatePodBinding({ target }: Binding): FieldError[] {
  const errors: FieldError[] = [];
  if (target.kind && target.kind !== "Node") {
    errors.push(notSupported("target.kind", target.kind, ["Node", "<empty>"]));
  }
  if (!target.name) errors.push(required("target.name"));
  return errors;
}
