// Follows the Stage objects in the API server, from when their definition is there.

import { type CustomResourceDefinition, resources } from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";
import { type StageObject, stageResource } from "./stage.ts";

export interface StageHandler {
  put(stage: StageObject): void;
  remove(stage: StageObject): void;
}

const definitionName = `${stageResource.resource}.${stageResource.group}`;

/** The answer ends it. */
export function watchStages(informers: InformerSet, handler: StageHandler): () => void {
  let detach: (() => void) | undefined;
  const look = (definition: CustomResourceDefinition): void => {
    const isServed = definition.status?.conditions?.some(
      ({ type, status }) => type === "Established" && status === "True",
    );
    if (!isServed || detach) return;
    detach = informers.informer(stageResource).addHandler({
      added: (stage) => handler.put(stage),
      updated: (stage) => handler.put(stage),
      deleted: (stage) => handler.remove(stage),
    });
  };
  const scope = { fieldSelector: `metadata.name=${definitionName}` };
  const detachDefinitions = informers.informer(resources.customResourceDefinitions, scope).addHandler({
    added: look,
    updated: look,
    deleted() {
      detach = undefined;
      void informers.forget(stageResource);
    },
  });
  return () => {
    detach?.();
    detachDefinitions();
  };
}
