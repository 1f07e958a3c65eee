// What YAML's words mean to Kubernetes, which reads YAML 1.1 as go-yaml 2 does: yes and on are true, 0644 is 420, dates stay text,
// keys become text. Given to js-yaml as a schema.

import {
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mergeTag,
  NOT_RESOLVED,
  Schema,
  seqTag,
  strTag,
} from "js-yaml";

type Mapping = Record<string, unknown>;

const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
]);

/** The value of a word without quotes, where it is not simply text. */
export function resolvePlain(text: string): boolean | null | number | bigint | undefined {
  return words.has(text) ? words.get(text) : (resolveInteger(text) ?? resolveFloat(text));
}

function resolveInteger(text: string): number | bigint | undefined {
  if (!/^[-+]?[0-9]/.test(text)) return undefined;
  const plain = text.replaceAll("_", "");
  const match = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/.exec(plain);
  if (!match) return undefined;
  const [, sign, hex, binary, octal, decimal] = match;
  const size = BigInt(hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : (decimal ?? "0"));
  const value = sign === "-" ? -size : size;
  if (value >= 2n ** 64n || value < -(2n ** 63n)) return resolveFloat(plain);
  // What 64 bits with a sign do not hold upstream's JSON decoder makes a double.
  const isLarge = value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER);
  return isLarge && value < 2n ** 63n ? value : Number(value);
}

function resolveFloat(text: string): number | undefined {
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^\.(nan|NaN|NAN)$/.test(text)) return Number.NaN;
  if (!/^[-+.0-9]/.test(text)) return undefined;
  const plain = text.startsWith(".") ? text : text.replaceAll("_", "");
  if (!/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

const plainTag = defineScalarTag("tag:yaml.org,2002:plain", {
  implicit: true,
  resolve: (source) => {
    const value = resolvePlain(source);
    return value === undefined ? NOT_RESOLVED : value;
  },
  identify: () => false,
});

/** A scalar whose tag says what it must be. */
function typedTag(name: string, convert: (text: string) => unknown) {
  return defineScalarTag(`tag:yaml.org,2002:${name}`, {
    resolve: (source) => convert(source) ?? NOT_RESOLVED,
    identify: () => false,
  });
}

const nullTag = defineScalarTag("tag:yaml.org,2002:null", {
  resolve: (source) => (words.get(source) === null ? null : NOT_RESOLVED),
  identify: (data) => data === null,
});
const boolTag = typedTag("bool", (text) => words.get(text) ?? undefined);
const intTag = typedTag("int", resolveInteger);
const floatTag = typedTag("float", (text) => resolveInteger(text) ?? resolveFloat(text));
const binaryTag = typedTag("binary", (text) => Buffer.from(text, "base64").toString("utf8"));
const timestampTag = typedTag("timestamp", (text) => text);

/** The text of a mapping's key; undefined for a key that JSON cannot have. */
export function keyText(key: unknown): string | undefined {
  return key === null || typeof key === "object" ? undefined : String(key);
}

/** Objects as JSON.parse makes them: also "__proto__" is a field like any other. */
function defineMapping(name: string, matchByTagPrefix: boolean) {
  return defineMappingTag<Mapping>(name, {
    matchByTagPrefix,
    create: () => ({}),
    addPair: (object, key, value) => {
      const text = keyText(key);
      if (text === undefined) return "unsupported map key";
      if (text !== "__proto__") object[text] = value;
      else Object.defineProperty(object, text, { value, enumerable: true, configurable: true, writable: true });
      return "";
    },
    has: (object, key) => Object.hasOwn(object, keyText(key) ?? ""),
    keys: (object) => Object.keys(object),
    get: (object, key) => object[keyText(key) ?? ""],
    identify: (data) => typeof data === "object" && data !== null && !Array.isArray(data),
  });
}

/** Tags of one's own mean nothing: what carries them is read as if it did not. */
const ownTags = [
  defineScalarTag("!", { matchByTagPrefix: true, resolve: (source) => source, identify: () => false }),
  defineSequenceTag<unknown[]>("!", {
    matchByTagPrefix: true,
    create: () => [],
    addItem: (list, item) => void list.push(item),
    identify: () => false,
  }),
  { ...defineMapping("!", true), identify: () => false },
];

export const kubernetesYaml = new Schema([
  strTag,
  seqTag,
  defineMapping("tag:yaml.org,2002:map", false),
  mergeTag,
  plainTag,
  nullTag,
  boolTag,
  intTag,
  floatTag,
  binaryTag,
  timestampTag,
  ...ownTags,
]);
