// What is served of each definition: the versions of its kind, put into the resource table, and taken out again. Storage, and
// with it all watches, lasts as long as nothing changes that objects are served by.

import { type CustomResourceDefinition, forbidden, isDefinitionConditionTrue } from "#kubernetes/api";
import type { Store, StoredObject } from "#kubernetes/store";
import type { ResourceTable } from "../registry/resources/resource-table.ts";
import type { ResourceHooks, ResourceStorage } from "../registry/resources/served-resource.ts";
import { customStoragePrefix } from "../registry/resources/storage-prefix.ts";
import type { CallWebhook } from "../webhooks/call-webhook.ts";
import { type Converter, renamingConverter } from "./conversion/converter.ts";
import { webhookConverter } from "./conversion/webhook-converter.ts";
import { CustomKind, type KindVersion } from "./custom-kind.ts";
import { createCustomStorage } from "./custom-storage.ts";
import { CustomVersion } from "./custom-version.ts";
import type { CompileRules } from "./object-rules.ts";

export interface ServedDefinitionsOptions {
  readonly store: Store;
  readonly table: ResourceTable;
  readonly callWebhook: CallWebhook;
  readonly compileRules: CompileRules | undefined;
}

interface ServedDefinition {
  readonly kind: CustomKind;
  readonly converter: Converter;
  /** By version; made on first use. */
  readonly storages: Map<string, ResourceStorage>;
  isTerminating: boolean;
}

export class ServedDefinitions {
  readonly #options: ServedDefinitionsOptions;
  readonly #served = new Map<string, ServedDefinition>();

  constructor(options: ServedDefinitionsOptions) {
    this.#options = options;
  }

  /** Serves a definition as it is now. */
  put(stored: StoredObject): void {
    const definition = stored.object as CustomResourceDefinition;
    const isServed =
      isDefinitionConditionTrue(definition, "NamesAccepted") || isDefinitionConditionTrue(definition, "Established");
    if (!isServed) {
      this.remove(stored.key);
      return;
    }
    const fingerprint = fingerprintOf(definition);
    const isTerminating = isDefinitionConditionTrue(definition, "Terminating");
    const before = this.#served.get(stored.key);
    if (before?.kind.fingerprint === fingerprint && before.isTerminating === isTerminating) return;
    let served = before;
    if (before?.kind.fingerprint !== fingerprint) {
      if (before) closeStorages(before);
      served = this.#make(stored, fingerprint);
      this.#served.set(stored.key, served);
    }
    served!.isTerminating = isTerminating;
    const versions = served!.kind.versions.filter((version) => version.served);
    this.#options.table.replace(
      stored.key,
      versions.map((version) => this.#versionOf(served!, version)),
    );
  }

  remove(key: string): void {
    const served = this.#served.get(key);
    if (!served) return;
    this.#served.delete(key);
    this.#options.table.replace(key, []);
    closeStorages(served);
  }

  /** The groups and versions a definition is served in. */
  versionsOf(key: string): readonly { readonly group: string; readonly version: string }[] {
    const kind = this.#served.get(key)?.kind;
    if (!kind) return [];
    return kind.versions.filter(({ served }) => served).map(({ name }) => ({ group: kind.group, version: name }));
  }

  /** The version objects are stored in, whether it is served or not; undefined for a definition that is not. */
  storageVersion(key: string): CustomVersion | undefined {
    const served = this.#served.get(key);
    const version = served?.kind.versions.find(({ name }) => name === served.kind.storageVersion);
    return served && version && this.#versionOf(served, version);
  }

  /** Ends all watches. */
  close(): void {
    for (const served of this.#served.values()) closeStorages(served);
  }

  #make(stored: StoredObject, fingerprint: string): ServedDefinition {
    const kind = new CustomKind(stored, fingerprint);
    const { conversion } = (stored.object as CustomResourceDefinition).spec;
    const converter =
      conversion?.strategy === "Webhook" && conversion.webhook
        ? webhookConverter({
            group: kind.group,
            name: stored.key,
            webhook: conversion.webhook,
            callWebhook: this.#options.callWebhook,
          })
        : renamingConverter(kind.group);
    return { kind, converter, storages: new Map(), isTerminating: false };
  }

  #versionOf(served: ServedDefinition, version: KindVersion): CustomVersion {
    const { kind, converter, isTerminating } = served;
    const { compileRules } = this.#options;
    const storage = () => this.#storageOf(served, version.name);
    const hooks = isTerminating ? terminatingHooks(kind) : undefined;
    return new CustomVersion({ kind, version, converter, storage, compileRules, isTerminating, hooks });
  }

  #storageOf({ kind, converter, storages }: ServedDefinition, version: string): ResourceStorage {
    let storage = storages.get(version);
    if (!storage) {
      const collection = this.#options.store.collection(customStoragePrefix(kind.group, kind.names.plural));
      storage = createCustomStorage({ kind, version, collection, converter });
      storages.set(version, storage);
    }
    return storage;
  }
}

function fingerprintOf({ metadata, status }: CustomResourceDefinition): string {
  return JSON.stringify([metadata.uid, metadata.generation, status?.acceptedNames]);
}

function closeStorages({ storages }: ServedDefinition): void {
  for (const { hub } of storages.values()) hub.close();
}

function terminatingHooks({ group, names }: CustomKind): ResourceHooks {
  return {
    async beginCreate(object) {
      const why = "create not allowed while custom resource definition is terminating";
      throw forbidden({ group, resource: names.plural }, object.metadata.name ?? "", why);
    },
  };
}
