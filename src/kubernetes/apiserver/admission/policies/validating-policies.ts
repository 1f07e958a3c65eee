// ValidatingAdmissionPolicy: policies in CEL that refuse, warn or leave a note in the audit log, as their bindings say.

import {
  type KubeObject,
  StatusError,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicyBinding,
} from "#kubernetes/api";
import { describeError } from "#shared";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { AdmissionMetrics, PolicyCheck } from "../../metrics/admission-metrics.ts";
import { type AdmissionPlugin, type AdmissionRequest, forbiddenRequest } from "../admission.ts";
import { outOfBudget } from "../expressions/budget.ts";
import { createDecisions, type Decisions } from "../expressions/decisions.ts";
import type { MatchedResource, MatchTools } from "../matching/match-criteria.ts";
import { isExempt } from "../matching/match-rules.ts";
import { findNamespace, showObjects } from "../matching/show-objects.ts";
import { collectParams } from "./collect-params.ts";
import type { Denial, ValidationEvaluator } from "./evaluate-validations.ts";
import type { ActiveBinding, ActivePolicy, PolicySource } from "./policy-source.ts";

type Policy = ActivePolicy<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidationEvaluator>;
type Binding = ActiveBinding<ValidatingAdmissionPolicyBinding>;

export interface ValidatingPoliciesParts extends MatchTools {
  readonly source: PolicySource<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidationEvaluator>;
  readonly authorizer: Authorizer;
  readonly metrics: AdmissionMetrics;
}

interface Refused {
  readonly policy: Policy;
  readonly binding?: Binding;
  readonly message: string;
  readonly reason?: string | undefined;
}

export function validatingPolicies(parts: ValidatingPoliciesParts): AdmissionPlugin {
  return {
    name: "ValidatingAdmissionPolicy",
    handles: () => true,
    isIdle: () => parts.source.policies().length === 0,
    async validate(request) {
      if (isExempt(request.objectKind)) return;
      const decisions = createDecisions(parts.authorizer, request.user);
      const refused: Refused[] = [];
      for (const policy of parts.source.policies()) {
        refused.push(...(await applyPolicy(policy, request, decisions, parts)));
      }
      const [first] = refused;
      if (first) throw refusalOf(first, request);
    },
  };
}

async function applyPolicy(
  policy: Policy,
  request: AdmissionRequest,
  decisions: Decisions,
  parts: ValidatingPoliciesParts,
): Promise<Refused[]> {
  let matched: MatchedResource | undefined;
  try {
    matched = await policy.criteria.match(request, parts);
  } catch (error) {
    return misconfigured(policy, undefined, `failed to configure policy: ${describeError(error)}`);
  }
  if (!matched) return [];
  const refused: Refused[] = [];
  const annotations = new Map<string, Set<string>>();
  for (const binding of policy.bindings) {
    refused.push(...(await applyBinding(policy, binding, { request, matched, annotations, decisions }, parts)));
  }
  for (const [key, values] of annotations) request.annotate(`${policy.name}/${key}`, [...values].join(", "));
  return refused;
}

interface Application {
  readonly request: AdmissionRequest;
  readonly matched: MatchedResource;
  readonly annotations: Map<string, Set<string>>;
  readonly decisions: Decisions;
}

async function applyBinding(
  policy: Policy,
  binding: Binding,
  { request, matched, annotations, decisions }: Application,
  parts: ValidatingPoliciesParts,
): Promise<Refused[]> {
  let params: readonly (KubeObject | undefined)[];
  try {
    if (!(await binding.criteria.match(request, parts))) return [];
    params = await collectParams(policy.paramKind, binding.paramRef, request.namespace, parts.resources());
  } catch (error) {
    return misconfigured(policy, binding, `failed to configure binding: ${describeError(error)}`);
  }
  if (params.length === 0) return [];
  const shown = await showObjects(request, matched);
  const namespaceObject = await findNamespace(request, parts);
  const refused: Refused[] = [];
  for (const each of params) {
    const input = { request, matched, shown, decisions, namespaceObject, params: each };
    const { denials, auditAnnotations } = await decisions.settle(() => policy.evaluator.evaluate(input));
    for (const denial of denials) refused.push(...act(policy, binding, denial, { request, metrics: parts.metrics }));
    for (const { key, value } of auditAnnotations) annotations.set(key, (annotations.get(key) ?? new Set()).add(value));
  }
  return refused;
}

function act(
  policy: Policy,
  binding: Binding,
  denial: Denial,
  { request, metrics }: { readonly request: AdmissionRequest; readonly metrics: AdmissionMetrics },
): Refused[] {
  const { message, reason, seconds } = denial;
  const { validationActions = [] } = binding.binding.spec ?? {};
  const note = (action: PolicyCheck["action"]) =>
    metrics.notePolicyCheck({
      policy: policy.name,
      binding: binding.name,
      errorType: errorTypeOf(message),
      action,
      seconds,
    });
  if (validationActions.includes("Audit")) {
    const failure = {
      message,
      policy: policy.name,
      binding: binding.name,
      expressionIndex: denial.index,
      validationActions,
    };
    request.annotate("validation.policy.admission.k8s.io/validation_failure", JSON.stringify([failure]));
    note("audit");
  }
  if (validationActions.includes("Warn")) {
    const where = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
    request.warn(`Validation failed for ${where}: ${message}`);
    note("warn");
  }
  if (!validationActions.includes("Deny")) return [];
  note("deny");
  return [{ policy, binding, message, reason }];
}

/** As upstream tells them apart: by what is said. */
function errorTypeOf(message: string): PolicyCheck["errorType"] {
  if (message.startsWith("compilation")) return "compile_error";
  return message.startsWith(outOfBudget) ? "out_of_budget" : "invalid_error";
}

function misconfigured(policy: Policy, binding: Binding | undefined, message: string): Refused[] {
  return policy.ignoresFailures ? [] : [{ policy, ...(binding && { binding }), message }];
}

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

function refusalOf({ policy, binding, message, reason = "Invalid" }: Refused, request: AdmissionRequest): StatusError {
  const by = binding ? ` with binding '${binding.name}'` : "";
  const why = `ValidatingAdmissionPolicy '${policy.name}'${by} denied request: ${message}`;
  const { message: text, details } = forbiddenRequest(request, why);
  return new StatusError({
    code: codes[reason] ?? 422,
    reason: reason as StatusError["reason"],
    message: text,
    details: { ...details, causes: [...(details?.causes ?? []), { message: why }] },
  });
}
