// The policies that are configured at the moment, each with its bindings, made ready when first needed.

import type { KubeObject, MatchResources, ParamKind, ParamRef, Resource } from "#kubernetes/api";
import type { LiveObjects } from "../../live-objects.ts";
import { mirrorCollection } from "../../store-mirror.ts";
import { type Criteria, compileCriteria } from "../matching/match-criteria.ts";

interface PolicyLike extends KubeObject {
  readonly spec?: {
    readonly matchConstraints?: MatchResources;
    readonly paramKind?: ParamKind;
    readonly failurePolicy?: string;
  };
}

interface BindingLike extends KubeObject {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
    readonly validationActions?: readonly string[];
  };
}

/** A policy with what its kind makes of it (`evaluator`) and who uses it. */
export interface ActivePolicy<P, B, E> {
  readonly policy: P;
  readonly name: string;
  readonly criteria: Criteria;
  readonly paramKind: ParamKind | undefined;
  readonly ignoresFailures: boolean;
  readonly evaluator: E;
  readonly bindings: readonly ActiveBinding<B>[];
}

export interface ActiveBinding<B> {
  readonly binding: B;
  readonly name: string;
  readonly criteria: Criteria;
  readonly paramRef: ParamRef | undefined;
}

export interface PolicySource<P, B, E> {
  policies(): readonly ActivePolicy<P, B, E>[];
  readonly ready: Promise<void>;
  stop(): void;
}

export interface PolicyKinds<P extends KubeObject, B extends KubeObject, E> {
  readonly policies: Resource<P>;
  readonly bindings: Resource<B>;
  readonly compile: (policy: P) => E;
}

/** Follows policies and their bindings. Policies without a binding do nothing and are left out. */
export function followPolicies<P extends PolicyLike & KubeObject, B extends BindingLike & KubeObject, E>(
  objects: LiveObjects,
  kinds: PolicyKinds<P, B, E>,
): PolicySource<P, B, E> {
  const policies = new Map<string, P>();
  const bindings = new Map<string, B>();
  const compiled = new WeakMap<P, Omit<ActivePolicy<P, B, E>, "bindings">>();
  let active: readonly ActivePolicy<P, B, E>[] | undefined = [];
  const follow = <T extends KubeObject>(resource: Resource<T>, known: Map<string, T>) =>
    mirrorCollection<T>(objects.collection(resource), {
      put(key, object) {
        known.set(key, object);
        active = undefined;
      },
      remove(key) {
        known.delete(key);
        active = undefined;
      },
    });
  const mirrors = [follow(kinds.policies, policies), follow(kinds.bindings, bindings)];
  const compileOnce = (policy: P) => {
    const known = compiled.get(policy) ?? compilePolicy(policy, kinds.compile);
    compiled.set(policy, known);
    return known;
  };
  const activate = () => {
    const used = Map.groupBy(sorted(bindings), ({ spec }) => spec?.policyName ?? "");
    return sorted(policies).flatMap((policy) => {
      const own = used.get(policy.metadata.name!);
      return own ? [{ ...compileOnce(policy), bindings: own.map(compileBinding) }] : [];
    });
  };
  return {
    policies() {
      active ??= activate();
      return active;
    },
    ready: Promise.all(mirrors.map(({ ready }) => ready)).then(() => {}),
    stop() {
      for (const mirror of mirrors) mirror.stop();
    },
  };
}

function sorted<T>(known: ReadonlyMap<string, T>): T[] {
  return [...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function compilePolicy<P extends PolicyLike, B, E>(
  policy: P,
  compile: (policy: P) => E,
): Omit<ActivePolicy<P, B, E>, "bindings"> {
  const { matchConstraints, paramKind, failurePolicy } = policy.spec ?? {};
  return {
    policy,
    name: policy.metadata.name!,
    criteria: criteriaOf(matchConstraints, true),
    paramKind,
    ignoresFailures: failurePolicy === "Ignore",
    evaluator: compile(policy),
  };
}

function compileBinding<B extends BindingLike>(binding: B): ActiveBinding<B> {
  const { matchResources, paramRef } = binding.spec ?? {};
  return { binding, name: binding.metadata.name!, criteria: criteriaOf(matchResources, false), paramRef };
}

/** A binding that names no rules is for all that its policy is for. */
function criteriaOf(match: MatchResources | undefined, needsRules: boolean): Criteria {
  const { resourceRules, excludeResourceRules, ...rest } = match ?? {};
  const rules = needsRules ? (resourceRules ?? []) : resourceRules?.length ? resourceRules : undefined;
  return compileCriteria({ ...rest, rules, excludeRules: excludeResourceRules });
}
