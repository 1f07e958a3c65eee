// Which kinds a policy is about, as far as its rules name them: the types its expressions are checked against. Pure.

import type { Resource, ValidatingAdmissionPolicy } from "#kubernetes/api";

export interface VersionedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

type Rule = NonNullable<
  NonNullable<NonNullable<ValidatingAdmissionPolicy["spec"]>["matchConstraints"]>["resourceRules"]
>[0];

/** No more are looked at: a rule may name any number. */
const mostKinds = 10;

/** In order of group, version and kind. Rules with wildcards name nothing. */
export function kindsToCheck(policy: ValidatingAdmissionPolicy, served: readonly Resource[]): VersionedKind[] {
  const found = new Map<string, VersionedKind>();
  for (const rule of policy.spec?.matchConstraints?.resourceRules ?? []) {
    // What one rule names counts, however often: the limit is on work, not on what comes of it.
    const named = kindsOfRule(rule, served);
    for (const kind of named.slice(0, mostKinds)) found.set(describeKind(kind), kind);
    if (named.length >= mostKinds) break;
  }
  return [...found.values()].sort(compareKinds);
}

/** As upstream prints a kind: "apps/v1, Kind=Deployment". */
export function describeKind({ group, version, kind }: VersionedKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

function kindsOfRule({ apiGroups = [], apiVersions = [], resources = [] }: Rule, served: readonly Resource[]) {
  if (hasWildcard(apiGroups) || hasWildcard(apiVersions)) return [];
  const plain = resources.filter((name) => !/[*/]/.test(name));
  return apiGroups
    .toSorted()
    .flatMap((group) =>
      apiVersions
        .toSorted()
        .flatMap((version) => plain.toSorted().flatMap((name) => kindsOfResource({ group, version, name }, served))),
    );
}

function hasWildcard(names: readonly string[]): boolean {
  return names.some((name) => name.includes("*"));
}

/** Without a group, a resource is looked for in all of them: upstream cannot tell "" from not saying. */
function kindsOfResource(
  wanted: { readonly group: string; readonly version: string; readonly name: string },
  served: readonly Resource[],
): VersionedKind[] {
  return served
    .filter(({ group }) => wanted.group === "" || group === wanted.group)
    .filter(({ version, resource }) => version === wanted.version && resource === wanted.name.toLowerCase())
    .map(({ group, version, kind }) => ({ group, version, kind }));
}

function compareKinds(a: VersionedKind, b: VersionedKind): number {
  return compare(a.group, b.group) || compare(a.version, b.version) || compare(a.kind, b.kind);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
