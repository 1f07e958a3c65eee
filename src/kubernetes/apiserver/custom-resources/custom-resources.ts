// Custom resources: definitions are followed as they come, change and go, and what they define is served.

import type { ApiRequest, CustomResourceDefinition } from "#kubernetes/api";
import type { RegistryContext } from "../registry/context.ts";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import { mirrorCollection, type StoreMirror } from "../store-mirror.ts";
import type { CallWebhook } from "../webhooks/call-webhook.ts";
import { DefinitionKeeper } from "./definition-keeper.ts";
import { LocalApiServices } from "./local-api-services.ts";
import { NameIndex } from "./name-index.ts";
import type { CompileRules } from "./object-rules.ts";
import { removeInstances } from "./remove-instances.ts";
import { ServedDefinitions } from "./served-definitions.ts";

export interface CustomResourcesOptions {
  readonly context: RegistryContext;
  readonly table: ResourceTable;
  /** Makes a request in this process. */
  readonly send: (request: ApiRequest) => Promise<unknown>;
  readonly callWebhook: CallWebhook;
  /** The engine of x-kubernetes-validations. */
  readonly compileRules?: CompileRules | undefined;
}

export interface CustomResources {
  /** Resolves when all definitions there are are served. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createCustomResources(options: CustomResourcesOptions): CustomResources {
  const { context, table, send, callWebhook, compileRules } = options;
  const { store, clock, logger } = context;
  const definitions = context.objects.collection({
    group: "apiextensions.k8s.io",
    resource: "customresourcedefinitions",
  });
  const names = new NameIndex();
  const groups = new Map<string, string>();
  const served = new ServedDefinitions({ store, table, callWebhook, compileRules });
  const keeper = new DefinitionKeeper({
    definitions,
    names,
    send,
    storageVersion: (name) => served.storageVersion(name),
    removeInstances: (resource, signal) => removeInstances(context, resource, signal),
    clock,
    logger,
  });
  const services = new LocalApiServices({ send, logger });
  /** Names that became free may be wanted by others of the group. */
  const enqueueGroup = (group: string) => {
    for (const name of names.definitionsOf(group)) keeper.enqueue(name);
  };
  let mirror: StoreMirror | undefined;
  return {
    start() {
      mirror = mirrorCollection<CustomResourceDefinition>(definitions, {
        put(name, { spec, status }, stored) {
          groups.set(name, spec.group);
          names.set(name, spec.group, status?.acceptedNames ?? { plural: "", kind: "" });
          served.put(stored);
          services.set(name, served.versionsOf(name));
          keeper.enqueue(name);
        },
        remove(name) {
          const group = groups.get(name) ?? "";
          groups.delete(name);
          names.set(name, group, undefined);
          served.remove(name);
          services.set(name, []);
          enqueueGroup(group);
        },
      });
      return mirror.ready;
    },
    async stop() {
      mirror?.stop();
      await Promise.all([keeper.stop(), services.settled()]);
      served.close();
    },
  };
}
