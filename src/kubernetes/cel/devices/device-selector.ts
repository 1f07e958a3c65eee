// Expressions that choose devices (resource.k8s.io): what they may name, how they are compiled, and whether a device is meant.

import type { Device, DeviceAttribute } from "#kubernetes/api";
import type { TypeProvider } from "../checker/environment.ts";
import { compile, evaluate, type Program } from "../compile.ts";
import { createEnvironment } from "../environment.ts";
import { quantityType, toQuantity } from "../library/kubernetes/quantities.ts";
import { toSemver } from "../library/kubernetes/semver.ts";
import { MapBuilder } from "../values/map.ts";
import { type CelType, mapType, objectType, types } from "../values/type.ts";
import { CelError, type CelMap, type CelValue } from "../values/value.ts";

/** The most an evaluation may cost, by estimate when it is written and in truth when it is made. */
const COST_LIMIT = 1_000_000;
const MOST_ATTRIBUTES = 32;
const LONGEST_DOMAIN = 63;
const LONGEST_ID = 32;
const LONGEST_VALUE = 64;

const deviceType = objectType("kubernetes.DRADevice");

const fields: Readonly<Record<string, CelType>> = {
  driver: types.string,
  attributes: mapType(types.string, mapType(types.string, types.any)),
  capacity: mapType(types.string, mapType(types.string, quantityType)),
  allowMultipleAllocations: types.bool,
};

const typeProvider: TypeProvider = {
  findType: (name) => (name === deviceType.name ? deviceType : undefined),
  findField: (name, field) => (name === deviceType.name && Object.hasOwn(fields, field) ? fields[field] : undefined),
};

const environment = createEnvironment({
  variables: new Map([["device", deviceType]]),
  types: typeProvider,
  hasBindings: true,
});

export type DeviceSelectorProgram =
  /** `isTooCostly`: the server refuses to store it; one that is stored may be evaluated all the same. */
  { readonly program: Program; readonly isTooCostly: boolean } | { readonly problem: string };

/** The problem is told in upstream's words. */
export function compileDeviceSelector(expression: string): DeviceSelectorProgram {
  const result = compile(expression, environment);
  if (!result.ok) return { problem: `compilation failed: ${result.message}` };
  const { program } = result;
  if (program.type !== types.bool && program.type !== types.any) {
    return { problem: `must evaluate to bool or the unknown type, not ${program.type}` };
  }
  return { program, isTooCostly: program.estimate(greatestSize).max > COST_LIMIT };
}

/** The greatest size of what lies at a path below `device`. */
function greatestSize([, field, ...steps]: readonly string[]): number | undefined {
  if (field === undefined || field === "allowMultipleAllocations") return 0;
  if (field === "driver") return LONGEST_DOMAIN;
  if (steps.length === 0) return MOST_ATTRIBUTES;
  const isKey = steps.at(-1) === "@keys";
  if (steps.length === 1) return isKey ? LONGEST_DOMAIN : MOST_ATTRIBUTES;
  if (isKey) return LONGEST_ID;
  return field === "attributes" ? LONGEST_VALUE : 0;
}

/** Whether the device, of that driver, is meant. Throws an Error where that cannot be said. */
export function matchesDevice(program: Program, driver: string, device: Device): boolean {
  const value = deviceValue(driver, device);
  const { value: outcome } = evaluate(program, (name) => (name === "device" ? value : undefined), {
    costLimit: COST_LIMIT,
  });
  if (outcome instanceof CelError) throw new Error(outcome.message);
  if (typeof outcome !== "boolean") throw new Error("CEL result could not be converted to bool");
  return outcome;
}

function deviceValue(driver: string, { attributes, capacity, allowMultipleAllocations = false }: Device): CelValue {
  const value = new MapBuilder();
  value.set("driver", driver);
  value.set("attributes", byDomain(driver, attributes, attributeValue));
  value.set(
    "capacity",
    byDomain(driver, capacity, (_name, each) => toQuantity(each.value)),
  );
  value.set("allowMultipleAllocations", allowMultipleAllocations);
  return value.build();
}

/** A name without a domain lies in the driver's. Domains without entries are empty, not missing. */
function byDomain<T>(
  driver: string,
  entries: Readonly<Record<string, T>> = {},
  toValue: (name: string, entry: T) => CelValue,
): CelValue {
  const domains = new Map<string, MapBuilder>();
  for (const [name, entry] of Object.entries(entries)) {
    const slash = name.indexOf("/");
    const domain = slash < 0 ? driver : name.slice(0, slash);
    const builder = domains.get(domain) ?? new MapBuilder();
    domains.set(domain, builder);
    builder.set(name.slice(slash + 1), toValue(name, entry));
  }
  return new DomainMap(new Map(Array.from(domains, ([domain, builder]) => [domain, builder.build()])));
}

function attributeValue(name: string, { int, bool, string, version }: DeviceAttribute): CelValue {
  if (int !== undefined) return BigInt(int);
  if (bool !== undefined) return bool;
  if (string !== undefined) return string;
  if (version === undefined) throw new Error(`attribute ${name}: unsupported attribute value`);
  const parsed = toSemver(version);
  if (parsed instanceof CelError) throw new Error(`attribute ${name}: parse semantic version: ${parsed.message}`);
  return parsed;
}

const empty = new MapBuilder().build();

class DomainMap implements CelMap {
  readonly kind = "map";
  readonly #domains: ReadonlyMap<string, CelMap>;

  constructor(domains: ReadonlyMap<string, CelMap>) {
    this.#domains = domains;
  }

  get size(): number {
    return this.#domains.size;
  }

  find(key: CelValue): CelValue {
    return (typeof key === "string" ? this.#domains.get(key) : undefined) ?? empty;
  }

  has(key: CelValue): boolean {
    return typeof key === "string" && this.#domains.has(key);
  }

  keys(): Iterable<CelValue> {
    return this.#domains.keys();
  }

  equal(other: CelValue): CelValue {
    return other === this;
  }
}
