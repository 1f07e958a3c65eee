// What one kind adds to the table-driven machinery. A kind's file exports one KindDefinition; all.ts lists them. Every function
// is pure apart from changing the object it is given, which is freshly decoded and belongs to the caller; `old` is shared and
// never changed, but its parts may be handed on into the new object.

import type { FieldError } from "../field-error.ts";
import type { KubeObject, UnknownObject } from "../resource.ts";
import type { CheckContext } from "./check-context.ts";

export interface KindDefinition<T extends KubeObject = UnknownObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;

  /**
   * Sets what upstream's decoding sets beyond the types table, in place: its defaults (SetDefaults_… in
   * pkg/apis/<group>/<version>/defaults.go) and what its conversion to the internal version and back settles, such as
   * status.podIP from status.podIPs. Called through setDefaults of defaults.ts, which also settles empty values.
   */
  readonly setDefaults?: (object: T) => void;

  /**
   * Before a create is validated: drops what clients may not set (usually status) and sets what the server owns. Upstream's
   * strategy PrepareForCreate. `generation` and other metadata common to all kinds are the registry's business. `now` is in
   * milliseconds.
   */
  readonly prepareForCreate?: (object: T, now: number) => void;
  /** Before an update through the main resource is validated: usually keeps the old status. */
  readonly prepareForUpdate?: (object: T, old: T, now: number) => void;
  /** Before an update through /status: usually keeps the old spec and metadata that status may not touch. */
  readonly prepareForStatusUpdate?: (object: T, old: T, now: number) => void;

  /** What is wrong with an object's apiVersion and kind; where something is, nothing else the kind minds is looked at. */
  readonly validateType?: (object: T) => FieldError[];
  /** Everything wrong with a new object, in upstream's order and words; metadata common to all kinds is already checked. */
  readonly validate?: (object: T, context?: CheckContext) => FieldError[];
  /** Everything wrong with a change, what is wrong with the new object itself included (`validate` is not called as well). */
  readonly validateUpdate?: (object: T, old: T, context?: CheckContext) => FieldError[];
  readonly validateStatusUpdate?: (object: T, old: T, context?: CheckContext) => FieldError[];
  /**
   * The generic rules of metadata are looked at only where `validate` finds nothing: it does so itself, or upstream forgot to.
   * Default: metadata comes before all else.
   */
  readonly metadataLast?: boolean;
  /**
   * How upstream's strategy looks at the metadata of a changed object once more, after what is looked at in all kinds: as a new
   * object's, as a change's. What is wrong there is told as often. Default: as a change's.
   */
  readonly metadataChecks?: readonly MetadataCheck[];
  /** The same through /status. */
  readonly statusMetadataChecks?: readonly MetadataCheck[];
  /** A finalizer without a domain must be one of Kubernetes' own. Default true; some kinds do not mind. */
  readonly standardFinalizers?: boolean;
  /** How metadata.name and generateName (`isPrefix`) are checked on create. Default: DNS subdomain. */
  readonly validateName?: (name: string, isPrefix: boolean, object: T) => string[];
  /** What is invalid is named as of this group, where upstream's internal type is of another. Default: the kind's own group. */
  readonly internalGroup?: string;

  /** Texts for Warning headers that come before a new object is prepared, and so even where it is refused. */
  readonly preparationWarnings?: (object: T) => string[];
  /** Texts for Warning headers on create and update (upstream's WarningsOnCreate/WarningsOnUpdate). */
  readonly warnings?: (object: T, old: T | undefined) => string[];
  readonly statusWarnings?: (object: T, old: T) => string[];

  /** Updates through subresources other than /status that take the whole object, such as pods/resize, by their name. */
  readonly subresources?: Readonly<Record<string, SubresourceUpdate<T>>>;

  /**
   * metadata.generation counts changes outside metadata and status, those through `subresources` excepted: these count for
   * themselves. Default true; false where upstream leaves it unset (ConfigMap, Node, …).
   */
  readonly hasGeneration?: boolean;
  /** PUT to a name that does not exist creates it (upstream's AllowCreateOnUpdate). Default false. */
  readonly allowCreateOnUpdate?: boolean;
  /** PUT without resourceVersion overwrites (upstream's AllowUnconditionalUpdate). Default true. */
  readonly allowUnconditionalUpdate?: boolean;
  /** What a DELETE without propagationPolicy does with dependents; "unsupported": it never has any. Default "delete". */
  readonly garbageCollection?: "delete" | "orphan" | "unsupported";
  /** Told to whoever deletes one without saying what becomes of its dependents. */
  readonly deleteWarning?: string;
  /** Kinds that end gracefully: the seconds a DELETE that asked for `requested` seconds leaves. Default: removed at once. */
  readonly gracePeriodSeconds?: (object: T, requested: number | undefined) => number;

  /** Fields for field selectors beyond metadata.name and metadata.namespace, by path. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>;

  /** The cells of its Table row, one per column of the columns table. Default: name and creation time. */
  readonly tableCells?: (object: T, now: number) => TableRow;
  /** The order of a Table's rows. Default: as in the list. */
  readonly compareRows?: (a: T, b: T) => number;
}

export type MetadataCheck = "object" | "update";

/** How an update through a subresource is prepared and checked: as the functions of the main resource. */
export interface SubresourceUpdate<T extends KubeObject = UnknownObject> {
  readonly prepare: (object: T, old: T, now: number) => void;
  readonly validate: (object: T, old: T) => FieldError[];
  readonly metadataChecks?: readonly MetadataCheck[];
}

/** A Table row: cells in column order; conditions such as Completed tell kubectl how to show it. */
export interface TableRow {
  readonly cells: readonly unknown[];
  readonly conditions?: readonly { type: string; status: string; reason: string; message?: string }[];
}
