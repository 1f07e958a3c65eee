// What the checks of a pod's spec share: where errors go, what is allowed, and the parts of the spec they refer to.

import type { FieldError } from "../../../field-error.ts";
import type { Container, EphemeralContainer, PodSpec, Volume } from "../../../generated/types.ts";
import type { PodOptions } from "./pod-options.ts";

export interface PodCheck {
  readonly errors: FieldError[];
  readonly options: PodOptions;
  readonly spec: PodSpec;
  /** The volumes without errors, by name. */
  readonly volumes: ReadonlyMap<string, Volume>;
  /** The names of spec.resourceClaims. */
  readonly claimNames: ReadonlySet<string>;
}

/** A container of any of the three lists. */
export type AnyContainer = Container | EphemeralContainer;

/** Calls back with every container and its path: init containers, containers, ephemeral containers, as upstream visits them. */
export function visitContainers(
  spec: PodSpec,
  path: string,
  visit: (container: AnyContainer, path: string) => void,
): void {
  for (const list of ["initContainers", "containers", "ephemeralContainers"] as const) {
    const containers = spec[list];
    if (!containers) continue;
    for (const [index, container] of containers.entries()) {
      visit(container, `${path === "" ? "" : `${path}.`}${list}[${index}]`);
    }
  }
}

/** All containers, in the order of visitContainers. */
export function allContainers(spec: PodSpec): AnyContainer[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
}
