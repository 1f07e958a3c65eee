// Masks what is free to differ between two servers' answers, just as the recordings have been masked.

const volatileKeys = new Set([
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "deletionTimestamp",
  "time",
  "continue",
  "lastTransitionTime",
  "lastUpdateTime",
  "lastProbeTime",
  "lastHeartbeatTime",
  "clusterIP",
  "nodePort",
  "healthCheckNodePort",
  "startTime",
  "token",
  "expirationTimestamp",
  "remainingItemCount",
  "storageVersionHash",
  "serverAddress",
]);

const unorderedLists = new Set(["managedFields", "conditions", "causes", "nonResourceRules", "resourceRules"]);

/** The value masked; `names` are texts of this run (the namespace, kept values) by the name they go by in recordings. */
export function mask(value: unknown, names: ReadonlyMap<string, string>, key = ""): unknown {
  if (Array.isArray(value)) return maskList(value, names, key);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mask(field, names, name)]));
  }
  if (volatileKeys.has(key) && value !== null && value !== "" && value !== "None") return `<${key}>`;
  return typeof value === "string" ? maskText(value, names) : value;
}

function maskList(values: readonly unknown[], names: ReadonlyMap<string, string>, key: string): unknown[] {
  const masked = values.map((value) => mask(value, names, key));
  // How old an object is depends on how busy the machine is.
  if (key === "cells") return masked.map((value) => (/^\d+s$/.test(String(value)) ? "<age>" : value));
  if (key === "clusterIPs") return masked.map((value) => (/^\d+\./.test(String(value)) ? "<ip>" : value));
  if (!unorderedLists.has(key)) return masked;
  const sorted = masked.map((value) => [canonical(value), value] as const).sort(byText);
  // Upstream's checks of metadata and of the kind overlap: the same cause may be told several times.
  const distinct = key === "causes" ? [...new Map(sorted)] : sorted;
  return distinct.map(([, value]) => value);
}

function byText([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** JSON with sorted keys, as the recorder sorted lists by. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}: ${canonical(field)}`).join(", ")}}`;
}

function maskText(text: string, names: ReadonlyMap<string, string>): string {
  let masked = text;
  const longestFirst = [...names].filter(([, value]) => value.length > 2).sort((a, b) => b[1].length - a[1].length);
  for (const [name, value] of longestFirst) masked = masked.replaceAll(value, `{${name}}`);
  for (const [pattern, replacement] of patterns) masked = masked.replace(pattern, replacement);
  return masked;
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  [/^(gen-)[a-z0-9]{5}$/, "$1<rand>"],
  [/("?gen-)[a-z0-9]{5}\b/g, "$1<rand>"],
  [/current: \d+/g, "current: <n>"],
  [/kube-api-access-[a-z0-9]{5}/g, "kube-api-access-<rand>"],
];
