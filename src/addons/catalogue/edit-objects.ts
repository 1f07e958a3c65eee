// Small changes to objects others have published: copies, never the objects themselves. Pure.

import type { UnknownObject } from "#kubernetes/api";

/** The objects with one of them replaced by what `edit` makes of a copy. Throws where it is not there: upstream has changed. */
export function editObject(
  objects: readonly UnknownObject[],
  kind: string,
  name: string,
  edit: (object: UnknownObject) => void,
): UnknownObject[] {
  const index = objects.findIndex((object) => object.kind === kind && object.metadata.name === name);
  if (index < 0) throw new Error(`Cannot find ${kind} ${name} in what upstream has published`);
  const copy = structuredClone(objects[index]!);
  edit(copy);
  return objects.with(index, copy);
}

interface Container {
  readonly name: string;
  image?: string;
  env?: { name: string; value?: string }[];
}

/** Changes a container of a workload in place; meant for editObject. */
export function editContainer(workload: UnknownObject, name: string, edit: (container: Container) => void): void {
  const { template } = workload["spec"] as { template: { spec: { containers: Container[] } } };
  const container = template.spec.containers.find((candidate) => candidate.name === name);
  if (!container) throw new Error(`Cannot find container ${name} in ${workload.kind} ${workload.metadata.name}`);
  edit(container);
}

/** Sets a variable of the container, whether it has it or not. */
export function setVariable(container: Container, name: string, value: string): void {
  container.env = [...(container.env ?? []).filter((variable) => variable.name !== name), { name, value }];
}
