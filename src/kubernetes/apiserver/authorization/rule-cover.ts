// Whether somebody's rules cover other rules: who grants permissions must have them.

import { type PolicyRule, quote } from "#kubernetes/api";

/** What of `wanted` the `owned` rules do not allow, in atoms: one verb, one resource, at most one name each. */
export function findUncovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(breakDown).filter((atom) => !owned.some((rule) => covers(rule, atom)));
}

function breakDown({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): PolicyRule[] {
  const names = resourceNames?.length ? resourceNames : [undefined];
  const ofResources = (apiGroups ?? []).flatMap((group) =>
    (resources ?? []).flatMap((resource) =>
      verbs.flatMap((verb) =>
        names.map((name) => ({
          apiGroups: [group],
          resources: [resource],
          verbs: [verb],
          ...(name !== undefined && { resourceNames: [name] }),
        })),
      ),
    ),
  );
  const ofPaths = (nonResourceURLs ?? []).flatMap((url) =>
    verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })),
  );
  return [...ofResources, ...ofPaths];
}

function covers(rule: PolicyRule, atom: PolicyRule): boolean {
  return (
    hasAll(rule.verbs, atom.verbs) &&
    hasAll(rule.apiGroups, atom.apiGroups) &&
    coversResources(rule.resources ?? [], atom.resources ?? []) &&
    (atom.nonResourceURLs ?? []).every((url) => (rule.nonResourceURLs ?? []).some((own) => coversUrl(own, url))) &&
    coversNames(rule.resourceNames ?? [], atom.resourceNames ?? [])
  );
}

function hasAll(own: readonly string[] = [], wanted: readonly string[] = []): boolean {
  return own.includes("*") || wanted.every((each) => own.includes(each));
}

function coversResources(own: readonly string[], wanted: readonly string[]): boolean {
  if (hasAll(own, wanted)) return true;
  return wanted.every((resource) => {
    const slash = resource.indexOf("/");
    return own.includes(resource) || (slash > 0 && own.includes(`*${resource.slice(slash)}`));
  });
}

function coversUrl(own: string, url: string): boolean {
  return own === url || (own.endsWith("*") && url.startsWith(own.replace(/\*+$/, "")));
}

function coversNames(own: readonly string[], wanted: readonly string[]): boolean {
  return own.length === 0 || (wanted.length > 0 && wanted.every((name) => own.includes(name)));
}

/** The atoms as people read them: those about the same resource in one line, sorted. */
export function describeRules(atoms: readonly PolicyRule[]): string {
  const merged = new Map<string, PolicyRule>();
  for (const atom of atoms) {
    const key = atom.nonResourceURLs
      ? JSON.stringify(atom)
      : JSON.stringify([atom.apiGroups, atom.resources, atom.resourceNames]);
    const before = merged.get(key);
    merged.set(key, before ? { ...before, verbs: [...before.verbs, ...atom.verbs] } : atom);
  }
  return [...new Set([...merged.values()].map(describe))].sort().join("\n");
}

const parts = [
  ["APIGroups", "apiGroups"],
  ["Resources", "resources"],
  ["NonResourceURLs", "nonResourceURLs"],
  ["ResourceNames", "resourceNames"],
  ["Verbs", "verbs"],
] as const;

function describe(rule: PolicyRule): string {
  const told = parts.flatMap(([title, field]) => {
    const values = rule[field];
    return values?.length ? `${title}:${formatList(values)}` : [];
  });
  return `{${told.join(", ")}}`;
}

/** Go's %q of a list of strings. */
export function formatList(values: readonly string[]): string {
  return `[${values.map(quote).join(" ")}]`;
}
