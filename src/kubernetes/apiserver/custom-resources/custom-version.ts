// One version of a custom resource as the registry serves it. Everything but its names is made when it is first used.

import {
  bareContext,
  type ConvertVersion,
  formatApiVersion,
  isRecord,
  type KubeObject,
  type ObjectSchema,
  type OpenApiDialect,
  parseApiVersion,
  printFound,
  publishSchema,
  type ResourceInfo,
  type Subresource,
} from "#kubernetes/api";
import type { ConvertLater } from "../registry/owned-conversions.ts";
import type {
  CustomBehaviour,
  KindBehaviour,
  ResourceHooks,
  ResourceStorage,
  ScalePaths,
  ServedColumn,
  ServedResource,
} from "../registry/resources/served-resource.ts";
import type { Converter } from "./conversion/converter.ts";
import type { CustomKind, KindVersion } from "./custom-kind.ts";
import { decodeCustom } from "./decode-custom.ts";
import { finalizerWarnings } from "./finalizer-warnings.ts";
import type { CompileRules, ObjectRules } from "./object-rules.ts";
import { type PrinterColumns, printerColumnsOf } from "./printer-columns.ts";
import {
  type ValidationOptions,
  validateChangedCustom,
  validateCustomStatus,
  validateNewCustom,
  validateTypeMeta,
} from "./validate-custom.ts";

export interface CustomVersionOptions {
  readonly kind: CustomKind;
  readonly version: KindVersion;
  readonly converter: Converter;
  readonly storage: () => ResourceStorage;
  readonly compileRules: CompileRules | undefined;
  /** Its definition is being deleted: nothing new is taken. */
  readonly isTerminating: boolean;
  readonly hooks: ResourceHooks | undefined;
}

const allVerbs: ResourceInfo["verbs"] = [
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "create",
  "update",
  "watch",
];
const lastVerbs: ResourceInfo["verbs"] = ["delete", "deletecollection", "get", "list", "watch"];
const subresourceVerbs: Subresource["verbs"] = ["get", "patch", "update"];

export class CustomVersion implements ServedResource {
  readonly info: ResourceInfo;
  readonly apiVersion: string;
  readonly listKind: string;
  readonly subresources: ReadonlyMap<string, Subresource>;
  readonly custom: CustomBehaviour;
  readonly hooks?: ResourceHooks;
  readonly scale?: ScalePaths;
  readonly #options: CustomVersionOptions;
  #storage: ResourceStorage | undefined;
  #definition: KindBehaviour | undefined;
  #printer: PrinterColumns | undefined;
  #rules: { readonly compiled: ObjectRules | undefined } | undefined;

  constructor(options: CustomVersionOptions) {
    const { kind, version, hooks } = options;
    this.#options = options;
    this.apiVersion = formatApiVersion({ group: kind.group, version: version.name });
    this.listKind = kind.names.listKind;
    const subresources = subresourcesOf(kind, version);
    this.subresources = new Map(subresources.map((each) => [each.name, each]));
    this.info = infoOf(options, subresources);
    if (hooks) this.hooks = hooks;
    if (version.scale) this.scale = scalePathsOf(version.scale);
    this.custom = {
      warnings: version.warnings,
      fingerprint: kind.fingerprint,
      storageVersion: kind.storageVersion,
      decode: (value) => decodeCustom(value, kind),
      openApi: (dialect, metadata) => this.#publish(dialect, metadata),
    };
  }

  get schema(): ObjectSchema {
    return this.#schemaOf().ownership;
  }

  get storage(): ResourceStorage {
    this.#storage ??= this.#options.storage();
    return this.#storage;
  }

  get columns(): readonly ServedColumn[] {
    return this.#columns().columns;
  }

  get definition(): KindBehaviour {
    this.#definition ??= this.#makeDefinition();
    return this.#definition;
  }

  get convertOwned(): ConvertVersion | undefined {
    const { converter, kind } = this.#options;
    if (converter.isRemote) return undefined;
    return (object, apiVersion) => {
      const target = this.#servedVersion(apiVersion);
      if (target === undefined) return undefined;
      const converted = converter.convertNow(object as unknown as KubeObject, target);
      return { object: converted as never, schema: kind.schemaOf(target)!.ownership };
    };
  }

  get convertOwnedLater(): ConvertLater | undefined {
    const { converter, kind } = this.#options;
    if (!converter.isRemote) return undefined;
    return async (object, apiVersion) => {
      const target = this.#servedVersion(apiVersion);
      if (target === undefined) return undefined;
      const [converted] = await converter.convert([object as unknown as KubeObject], target);
      return { object: converted as never, schema: kind.schemaOf(target)!.ownership };
    };
  }

  /** The name of a version of this kind; undefined for one that is gone. */
  #servedVersion(apiVersion: string): string | undefined {
    const { group, version } = parseApiVersion(apiVersion);
    const { kind } = this.#options;
    return group === kind.group && kind.versions.some(({ name }) => name === version) ? version : undefined;
  }

  #schemaOf() {
    return this.#options.kind.schemaOf(this.#options.version.name)!;
  }

  #columns(): PrinterColumns {
    this.#printer ??= printerColumnsOf(this.#schemaOf().version.additionalPrinterColumns ?? []);
    return this.#printer;
  }

  #publish(dialect: OpenApiDialect, metadata: () => Record<string, unknown>): Record<string, unknown> | undefined {
    const { schema, version } = this.#schemaOf();
    const { preserveUnknown } = this.#options.kind;
    const published = publishSchema(schema, dialect, { preserveUnknown, metadata });
    const selectable = version.selectableFields?.map(({ jsonPath }) => ({ fieldPath: jsonPath.replace(/^\./, "") }));
    if (!published || !selectable?.length) return published;
    return { ...published, "x-kubernetes-selectable-fields": selectable };
  }

  #compiledRules(): ObjectRules | undefined {
    const { compileRules } = this.#options;
    const { schema } = this.#schemaOf();
    this.#rules ??= { compiled: schema && compileRules?.(schema) };
    return this.#rules.compiled;
  }

  #validationOptions(context = bareContext): ValidationOptions {
    const { schema } = this.#schemaOf();
    const { scale } = this.#options.version;
    return {
      schema,
      scale,
      rules: this.#compiledRules(),
      ...context,
    };
  }

  #makeDefinition(): KindBehaviour {
    const { hasStatus } = this.#options.version;
    const selectableFields = selectorsOf(this.#schemaOf().version.selectableFields ?? []);
    return {
      hasGeneration: true,
      allowUnconditionalUpdate: false,
      standardFinalizers: false,
      ...(hasStatus && { prepareForCreate: dropStatus, prepareForUpdate: keepStatus }),
      validateType: (object) => validateTypeMeta(object, { kind: this.info.kind, apiVersion: this.apiVersion }),
      validate: (object, context) => validateNewCustom(object, this.#validationOptions(context)),
      validateUpdate: (object, old, context) => validateChangedCustom(object, old, this.#validationOptions(context)),
      validateStatusUpdate: (object, old, context) =>
        validateCustomStatus(object, old, this.#validationOptions(context)),
      warnings: finalizerWarnings,
      tableCells: (object, now) => this.#columns().row(object, now),
      ...(selectableFields && { selectableFields }),
    };
  }
}

function infoOf(options: CustomVersionOptions, subresources: readonly Subresource[]): ResourceInfo {
  const { kind, version, isTerminating } = options;
  const { plural, singular, shortNames, categories } = kind.names;
  return {
    group: kind.group,
    version: version.name,
    resource: plural,
    kind: kind.names.kind,
    singular,
    namespaced: kind.namespaced,
    verbs: isTerminating ? lastVerbs : allVerbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

function subresourcesOf({ names }: CustomKind, { hasStatus, scale }: KindVersion): Subresource[] {
  const found: Subresource[] = [];
  if (hasStatus) found.push({ name: "status", kind: ["", "", names.kind], verbs: subresourceVerbs });
  if (scale) found.push({ name: "scale", kind: ["autoscaling", "v1", "Scale"], verbs: subresourceVerbs });
  return found;
}

function scalePathsOf({
  specReplicasPath,
  statusReplicasPath,
  labelSelectorPath,
}: NonNullable<KindVersion["scale"]>): ScalePaths {
  const split = (path: string) => path.replace(/^\./, "").split(".");
  return {
    spec: split(specReplicasPath),
    status: split(statusReplicasPath),
    ...(labelSelectorPath && { selector: split(labelSelectorPath) }),
  };
}

function dropStatus(object: KubeObject): void {
  delete (object as { status?: unknown }).status;
}

function keepStatus(object: KubeObject, old: KubeObject): void {
  const target = object as { status?: unknown };
  const { status } = old as { status?: unknown };
  if (status === undefined) delete target.status;
  else target.status = status;
}

type Select = (object: KubeObject) => string;

/** By the path without its dot; fields that are missing read "". */
function selectorsOf(fields: readonly { readonly jsonPath: string }[]): Record<string, Select> | undefined {
  if (fields.length === 0) return undefined;
  const entries = fields.map(({ jsonPath }): [string, Select] => {
    const steps = jsonPath.replace(/^\./, "").split(".");
    return [steps.join("."), (object) => textAt(object, steps)];
  });
  return Object.fromEntries(entries);
}

function textAt(object: unknown, steps: readonly string[]): string {
  let value = object;
  for (const step of steps) value = isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return value === undefined || value === null ? "" : printFound(value);
}
