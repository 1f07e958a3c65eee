// Lists and maps of JSON whose schema is known: the schema says what their parts are, and when two of them are equal.

import { deepEqual } from "#kubernetes/api";
import { equal } from "../values/equal.ts";
import {
  CelError,
  type CelList,
  type CelMap,
  type CelValue,
  isList,
  isMap,
  NO_SUCH_OVERLOAD,
} from "../values/value.ts";
import { escapeName, unescapeName } from "./escape.ts";
import { type JsonObject, toJson } from "./json-values.ts";

/** Makes values of JSON. */
export type ToValue = (json: unknown) => CelValue;

/** What is known of the fields or entries of a map. */
export interface MapShape {
  /** Fields with names that are escaped, instead of free keys; null is the same as absent. */
  readonly isObject: boolean;
  /** How the value under a key is read; undefined where expressions do not see it. */
  readonly valueOf: (key: string) => ToValue | undefined;
}

export class SchemaMap implements CelMap {
  readonly kind = "map";
  readonly raw: JsonObject;
  readonly #shape: MapShape;
  #size: number | undefined;

  constructor(raw: JsonObject, shape: MapShape) {
    this.raw = raw;
    this.#shape = shape;
  }

  get size(): number {
    this.#size ??= Object.keys(this.raw).length;
    return this.#size;
  }

  find(key: CelValue): CelValue | undefined {
    if (typeof key !== "string") return NO_SUCH_OVERLOAD;
    const name = this.#shape.isObject ? unescapeName(key) : key;
    if (name === undefined || !Object.hasOwn(this.raw, name)) return undefined;
    const json = this.raw[name];
    if (json === null && this.#shape.isObject) return undefined;
    return this.#shape.valueOf(name)?.(json);
  }

  *keys(): Iterable<CelValue> {
    for (const name of Object.keys(this.raw)) {
      if (!this.#shape.valueOf(name)) continue;
      yield this.#shape.isObject ? (escapeName(name) ?? name) : name;
    }
  }

  equal(other: CelValue): CelValue {
    if (!isMap(other)) return NO_SUCH_OVERLOAD;
    if (this.size !== other.size) return false;
    for (const [name, json] of Object.entries(this.raw)) {
      const same = this.#shape.valueOf(name) ? this.#equalField(name, other) : this.#equalUnknown(name, json, other);
      if (same !== true) return same;
    }
    return true;
  }

  #equalField(name: string, other: CelMap): CelValue {
    const mine = this.find(name);
    const theirs = other.find(name);
    if (mine === undefined || theirs === undefined) return mine === theirs;
    return equal(mine, theirs);
  }

  #equalUnknown(name: string, json: unknown, other: CelMap): CelValue {
    if (!(other instanceof SchemaMap)) return NO_SUCH_OVERLOAD;
    return !Object.hasOwn(other.raw, name) || deepEqual(json, other.raw[name]);
  }
}

/** A list whose items keep their order (x-kubernetes-list-type: atomic). */
export class SchemaList implements CelList {
  readonly kind = "list";
  readonly raw: readonly unknown[];
  protected readonly toValue: ToValue;

  constructor(raw: readonly unknown[], toValue: ToValue) {
    this.raw = raw;
    this.toValue = toValue;
  }

  get size(): number {
    return this.raw.length;
  }

  at(index: number): CelValue {
    return this.toValue(this.raw[index]);
  }

  equal(other: CelValue): CelValue {
    if (!isList(other)) return NO_SUCH_OVERLOAD;
    if (this.size !== other.size) return false;
    for (let index = 0; index < this.size; index++) {
      const same = equal(this.at(index), other.at(index));
      if (same !== true) return same;
    }
    return true;
  }

  add(other: CelList): CelValue {
    return new SchemaList([...this.raw, ...rawItems(other)], this.toValue);
  }

  contains(value: CelValue): CelValue {
    let error: CelError | undefined;
    for (let index = 0; index < this.size; index++) {
      const same = equal(this.at(index), value);
      if (same === true) return true;
      if (same instanceof CelError) error ??= same;
    }
    return error ?? false;
  }
}

function* rawItems(list: CelList): Generator<unknown> {
  for (let index = 0; index < list.size; index++) yield toJson(list.at(index));
}

/** A scalar told apart from others, also by its type. */
function scalarKey(json: unknown): string {
  return `${typeof json}:${String(json)}`;
}

/** A list without order, of scalars (x-kubernetes-list-type: set); the sum is the union. */
export class SchemaSet extends SchemaList {
  #known: Set<string> | undefined;

  override equal(other: CelValue): CelValue {
    if (!isList(other)) return NO_SUCH_OVERLOAD;
    if (this.size !== other.size) return false;
    const known = this.#keys();
    for (const json of rawItems(other)) if (!known.has(scalarKey(json))) return false;
    return true;
  }

  override add(other: CelList): CelValue {
    const known = new Set(this.#keys());
    const items = [...this.raw];
    for (const json of rawItems(other)) {
      const key = scalarKey(json);
      if (known.has(key)) continue;
      known.add(key);
      items.push(json);
    }
    return new SchemaSet(items, this.toValue);
  }

  #keys(): ReadonlySet<string> {
    this.#known ??= new Set(this.raw.map(scalarKey));
    return this.#known;
  }
}

/** A list without order, of objects told apart by some of their fields (x-kubernetes-list-type: map); later ones replace. */
export class SchemaMapList extends SchemaList {
  readonly #keyFields: readonly string[];
  #byKey: Map<string, unknown> | undefined;

  constructor(raw: readonly unknown[], toValue: ToValue, keyFields: readonly string[]) {
    super(raw, toValue);
    this.#keyFields = keyFields;
  }

  override equal(other: CelValue): CelValue {
    if (!isList(other)) return NO_SUCH_OVERLOAD;
    if (this.size !== other.size) return false;
    this.#byKey ??= new Map(this.raw.map((json) => [this.#keyOf(json), json]));
    for (let index = 0; index < other.size; index++) {
      const theirs = other.at(index);
      const key = this.#keyOf(toJson(theirs));
      if (!this.#byKey.has(key)) return false;
      const same = equal(this.toValue(this.#byKey.get(key)), theirs);
      if (same !== true) return same;
    }
    return true;
  }

  override add(other: CelList): CelValue {
    const items = [...this.raw];
    const places = new Map(items.map((json, index) => [this.#keyOf(json), index]));
    for (const json of rawItems(other)) {
      const place = places.get(this.#keyOf(json));
      if (place === undefined) items.push(json);
      else items[place] = json;
    }
    return new SchemaMapList(items, this.toValue, this.#keyFields);
  }

  #keyOf(json: unknown): string {
    const object = (typeof json === "object" && json !== null ? json : {}) as JsonObject;
    return this.#keyFields.map((field) => scalarKey(object[field])).join("\n");
  }
}
