// ValidatingAdmissionWebhook: webhooks that may only refuse; all are asked at the same time.

import { StatusError } from "#kubernetes/api";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { isExempt } from "../matching/match-rules.ts";
import { callHook } from "./call-hook.ts";
import { findHook, type Invocation, type WebhookPluginParts } from "./find-hook.ts";
import type { Hook } from "./hook-source.ts";

export function validatingWebhooks(parts: WebhookPluginParts): AdmissionPlugin {
  return {
    name: "ValidatingAdmissionWebhook",
    handles: () => true,
    isIdle: () => parts.source.hooks().length === 0,
    async validate(request) {
      if (isExempt(request.objectKind)) return;
      const concerned: [Hook, Invocation][] = [];
      for (const hook of parts.source.hooks()) {
        const found = await findHook(hook, request, parts);
        if (found) concerned.push([hook, found]);
      }
      const outcomes = await Promise.allSettled(
        concerned.map(([hook, found], index) => validate(hook, found, index, { request, parts })),
      );
      const refusals = outcomes.flatMap((outcome) =>
        outcome.status === "rejected" ? [outcome.reason as unknown] : [],
      );
      if (refusals.length > 0) throw joinRefusals(refusals);
    },
  };
}

async function validate(
  hook: Hook,
  found: Invocation,
  index: number,
  { request, parts }: { readonly request: AdmissionRequest; readonly parts: WebhookPluginParts },
): Promise<void> {
  const answer = await callHook(hook, request, { ...found, isMutating: false }, parts);
  if (!answer) request.annotate(`failed-open.validating.webhook.admission.k8s.io/round_0_index_${index}`, hook.name);
}

/** The first refusal, with what the others have to say told behind it. */
function joinRefusals(refusals: readonly unknown[]): unknown {
  const [first, ...others] = refusals;
  if (others.length === 0 || !(first instanceof StatusError)) return first;
  const causes = others.map((other) => ({ message: StatusError.from(other).message }));
  return new StatusError({
    code: first.code,
    reason: first.reason,
    message: first.message,
    details: { ...first.details, causes: [...(first.details?.causes ?? []), ...causes] },
  });
}
