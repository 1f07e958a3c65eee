// What no single field of an encryption configuration tells: resources that cannot be named, rules that hide each other, and plug-ins of
// one name.

import type { EncryptionRule } from "./encryption-configuration.ts";

export interface RuleProblem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Everything wrong, as upstream refuses it. */
export function checkRules(rules: readonly EncryptionRule[]): RuleProblem[] {
  const problems = rules.flatMap(({ resources }, index) => {
    const path = ["resources", index, "resources"];
    const inNames = resources.flatMap((name, at) => {
      const message = findNameProblem(name);
      return message === undefined ? [] : [{ path: [...path, at], message }];
    });
    return [...inNames, ...findOverlaps(resources).map((message) => ({ path, message }))];
  });
  return [...problems, ...findMasked(rules), ...findTwins(rules)];
}

const unservedNames = new Set(["apiserveripinfo", "serviceipallocations", "servicenodeportallocations"]);

function findNameProblem(name: string): string | undefined {
  const { group, resource } = parse(name);
  if (name !== name.toLowerCase()) return "resource name should not contain capital letters";
  if (name === "*") return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (unservedNames.has(name)) return "resources which do not have REST API/s cannot be encrypted";
  if (group === "events.k8s.io") {
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  }
  if (group === "extensions") return "'extensions' group has been removed and cannot be used for encryption";
  if (group === "*" && resource !== "*") return "encrypting the same resource across groups is not supported";
  return undefined;
}

function findOverlaps(resources: readonly string[]): string[] {
  const problems: string[] = [];
  if (new Set(resources).size < resources.length) problems.push("the same resource cannot be specified multiple times");
  const all = resources.map(parse);
  const hides = all.some(
    (one, at) =>
      one.resource === "*" &&
      all.some(
        (other, otherAt) =>
          at !== otherAt &&
          (one.group === "*" || one.group === other.group) &&
          !(one.group === other.group && other.resource === "*"),
      ),
  );
  if (hides) {
    problems.push(
      "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
    );
  }
  return problems;
}

/** Rules behind one that names their whole group, or everything, would never be looked at. */
function findMasked(rules: readonly EncryptionRule[]): RuleProblem[] {
  const earlier = new Set<string>();
  const problems: RuleProblem[] = [];
  for (const [index, { resources }] of rules.entries()) {
    for (const [at, name] of resources.entries()) {
      const mask = [`*.${parse(name).group}`, "*.*"].find((each) => earlier.has(each));
      if (mask === undefined) continue;
      const message = `resource "${name}" is masked by earlier rule "${mask}"`;
      problems.push({ path: ["resources", index, "resources", at], message });
    }
    for (const name of resources) earlier.add(name);
  }
  return problems;
}

function findTwins(rules: readonly EncryptionRule[]): RuleProblem[] {
  const names = new Set<string>();
  const problems: RuleProblem[] = [];
  for (const [index, { providers }] of rules.entries()) {
    for (const [at, provider] of providers.entries()) {
      if (provider.kind !== "kms") continue;
      const { name } = provider.settings;
      if (names.has(name)) {
        const message = `duplicate KMS provider name ${name}, names must be unique`;
        problems.push({ path: ["resources", index, "providers", at, "kms", "name"], message });
      }
      names.add(name);
    }
  }
  return problems;
}

/** "deployments.apps" is the resource deployments of the group apps; without a dot the group is the core one. */
function parse(name: string): { readonly resource: string; readonly group: string } {
  const dot = name.indexOf(".");
  return dot === -1 ? { resource: name, group: "" } : { resource: name.slice(0, dot), group: name.slice(dot + 1) };
}
