// MutatingAdmissionPolicy: policies in CEL that change objects, one after the other, before webhooks see them.

import {
  type KubeObject,
  type MutatingAdmissionPolicy,
  type MutatingAdmissionPolicyBinding,
  StatusError,
} from "#kubernetes/api";
import { describeError } from "#shared";
import type { Authorizer } from "../../authorization/authorizer.ts";
import { type AdmissionPlugin, type AdmissionRequest, forbiddenRequest, type MutationRound } from "../admission.ts";
import { createDecisions } from "../expressions/decisions.ts";
import { convertObject } from "../matching/convert-object.ts";
import type { MatchedResource, MatchTools } from "../matching/match-criteria.ts";
import { isExempt } from "../matching/match-rules.ts";
import { findNamespace, showObjects } from "../matching/show-objects.ts";
import { noteOutput, type ReinvocationMemory, reinvocationMemory, requireOthers } from "../reinvocation.ts";
import { replaceObject } from "../replace-object.ts";
import { collectParams } from "./collect-params.ts";
import type { MutationEvaluator } from "./evaluate-mutations.ts";
import type { ActiveBinding, ActivePolicy, PolicySource } from "./policy-source.ts";

type Policy = ActivePolicy<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutationEvaluator>;
type Binding = ActiveBinding<MutatingAdmissionPolicyBinding>;

export interface MutatingPoliciesParts extends MatchTools {
  readonly source: PolicySource<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, MutationEvaluator>;
  readonly authorizer: Authorizer;
}

const pluginName = "MutatingAdmissionPolicy";

export function mutatingPolicies(parts: MutatingPoliciesParts): AdmissionPlugin {
  return {
    name: pluginName,
    handles: () => true,
    isIdle: () => parts.source.policies().length === 0,
    async admit(request, round) {
      const policies = parts.source.policies();
      if (isExempt(request.objectKind) || !request.object) return;
      const memory = reinvocationMemory(pluginName, round, request);
      const problems: string[] = [];
      for (const policy of policies) problems.push(...(await applyPolicy(policy, { request, round, memory }, parts)));
      noteOutput(memory, request);
      if (problems.length > 0) throw refusalOf(problems, request);
    },
  };
}

interface Turn {
  readonly request: AdmissionRequest;
  readonly round: MutationRound;
  readonly memory: ReinvocationMemory;
}

/** Answers why the request is to be refused. */
async function applyPolicy(policy: Policy, turn: Turn, parts: MutatingPoliciesParts): Promise<string[]> {
  const problems: string[] = [];
  const note = (message: string, binding?: Binding) => {
    const by = binding ? ` with binding '${binding.name}'` : "";
    if (!policy.ignoresFailures) problems.push(`policy '${policy.name}'${by} denied request: ${message}`);
  };
  try {
    const matched = await policy.criteria.match(turn.request, parts);
    if (!matched) return [];
    for (const binding of policy.bindings) {
      for (const params of await paramsOf(policy, binding, turn.request, parts, note)) {
        await invoke(policy, binding, { ...turn, matched, params }, parts, note);
      }
    }
  } catch (error) {
    if (error instanceof StatusError) throw error;
    note(`failed to configure policy: ${describeError(error)}`);
  }
  return problems;
}

type Note = (message: string, binding?: Binding) => void;

async function paramsOf(
  policy: Policy,
  binding: Binding,
  request: AdmissionRequest,
  parts: MutatingPoliciesParts,
  note: Note,
): Promise<readonly (KubeObject | undefined)[]> {
  try {
    if (!(await binding.criteria.match(request, parts))) return [];
    return await collectParams(policy.paramKind, binding.paramRef, request.namespace, parts.resources());
  } catch (error) {
    note(`failed to configure binding: ${describeError(error)}`, binding);
    return [];
  }
}

interface Invocation extends Turn {
  readonly matched: MatchedResource;
  readonly params: KubeObject | undefined;
}

async function invoke(
  policy: Policy,
  binding: Binding,
  { request, round, memory, matched, params }: Invocation,
  parts: MutatingPoliciesParts,
  note: Note,
): Promise<void> {
  const key = `${policy.name}/${binding.name}/${params?.metadata.namespace ?? ""}/${params?.metadata.name ?? ""}`;
  const { evaluator } = policy;
  const decisions = createDecisions(parts.authorizer, request.user);
  const namespaceObject = await findNamespace(request, parts);
  const inputOf = async () => {
    return { request, matched, shown: await showObjects(request, matched), decisions, namespaceObject, params };
  };
  const before = JSON.stringify(request.object);
  try {
    const first = await inputOf();
    if (!(await decisions.settle(() => evaluator.matches(first)))) return;
    if (round.isReinvocation && !memory.due.has(key)) return;
    for (const mutate of evaluator.mutations) {
      const input = await inputOf();
      const { object } = input.shown;
      const changed = object && (await decisions.settle(() => mutate(input, object)));
      if (!changed || changed === object) continue;
      const own = matched.other ? await convertObject(changed, matched.other, request.served) : changed;
      replaceObject(request.object!, request.decode(own));
    }
  } catch (error) {
    if (error instanceof StatusError && error.code >= 500) throw error;
    note(describeError(error), binding);
  }
  if (JSON.stringify(request.object) !== before) requireOthers(memory, round);
  if (evaluator.isReinvoked) memory.called.add(key);
}

function refusalOf(problems: readonly string[], request: AdmissionRequest): StatusError {
  const { details } = forbiddenRequest(request, "admission request denied by policy");
  const causes = problems.map((message) => ({ message }));
  return new StatusError({ code: 403, reason: "Invalid", message: problems[0]!, details: { ...details, causes } });
}
