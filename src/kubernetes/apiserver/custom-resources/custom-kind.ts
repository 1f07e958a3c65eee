// What one CustomResourceDefinition defines, as the server uses it: names, versions, schemas. Of most definitions little is ever
// asked, so that only names are kept at hand; the schema of a version is read from the definition when it is first needed.

import {
  type CustomResourceDefinition,
  type CustomResourceDefinitionVersion,
  type JsonSchema,
  type ObjectSchema,
  ownershipSchemaOf,
  schemaOfVersion,
  settleDefaults,
} from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";
import { compareVersions } from "../registry/resources/resource-table.ts";

export interface KindNames {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

/** A version, without what takes room. */
export interface KindVersion {
  readonly name: string;
  readonly served: boolean;
  readonly hasStatus: boolean;
  readonly scale: VersionScale | undefined;
  /** What requests for it are to be warned of. */
  readonly warnings: readonly string[];
}

export interface VersionScale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface VersionSchema {
  /** Undefined where nothing is said of objects. */
  readonly schema: JsonSchema | undefined;
  readonly ownership: ObjectSchema;
  readonly version: CustomResourceDefinitionVersion;
}

export class CustomKind {
  readonly group: string;
  readonly names: KindNames;
  readonly namespaced: boolean;
  readonly preserveUnknown: boolean;
  readonly storageVersion: string;
  /** Changes with whatever objects are served by. */
  readonly fingerprint: string;
  readonly versions: readonly KindVersion[];
  readonly #definition: StoredObject;
  readonly #schemas = new Map<string, VersionSchema>();

  constructor(definition: StoredObject, fingerprint: string) {
    const { spec, status } = definition.object as CustomResourceDefinition;
    const { plural, singular = "", kind, listKind = "", shortNames = [], categories = [] } = status!.acceptedNames!;
    this.#definition = definition;
    this.fingerprint = fingerprint;
    this.group = spec.group;
    this.names = { plural, singular, kind, listKind, shortNames, categories };
    this.namespaced = spec.scope === "Namespaced";
    this.preserveUnknown = spec.preserveUnknownFields === true;
    this.storageVersion = spec.versions.find(({ storage }) => storage)?.name ?? "";
    this.versions = spec.versions.map((version) => this.#versionOf(version, spec.versions));
  }

  /** The schema of a version's objects; undefined for a version there is not. */
  schemaOf(name: string): VersionSchema | undefined {
    const known = this.#schemas.get(name);
    if (known) return known;
    const { spec } = this.definition;
    const version = spec.versions.find((each) => each.name === name);
    if (!version) return undefined;
    const declared = schemaOfVersion(version);
    const schema = declared && !this.preserveUnknown ? settleDefaults(declared) : declared;
    const found = { schema, ownership: ownershipSchemaOf(schema, this.preserveUnknown), version };
    this.#schemas.set(name, found);
    return found;
  }

  get definition(): CustomResourceDefinition {
    return this.#definition.object as CustomResourceDefinition;
  }

  /** "widgets.example.com". */
  get name(): string {
    return `${this.names.plural}.${this.group}`;
  }

  #versionOf(version: CustomResourceDefinitionVersion, all: readonly CustomResourceDefinitionVersion[]): KindVersion {
    const { name, served, subresources, deprecated, deprecationWarning } = version;
    return {
      name,
      served,
      hasStatus: subresources?.status !== undefined,
      scale: subresources?.scale,
      warnings: deprecated ? [deprecationWarning ?? this.#deprecationOf(name, all)] : [],
    };
  }

  #deprecationOf(name: string, all: readonly CustomResourceDefinitionVersion[]): string {
    const newer = all
      .filter((version) => version.served && !version.deprecated && compareVersions(version.name, name) < 0)
      .map((version) => version.name)
      .sort(compareVersions);
    const text = `${this.group}/${name} ${this.names.kind} is deprecated`;
    return newer[0] === undefined ? text : `${text}; use ${this.group}/${newer[0]} ${this.names.kind}`;
  }
}
