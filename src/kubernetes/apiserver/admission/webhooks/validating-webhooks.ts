// ValidatingAdmissionWebhook: webhooks that may only refuse; all are asked at the same time.

import { StatusError } from "#kubernetes/api";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { isExempt } from "../matching/match-rules.ts";
import { callHook } from "./call-hook.ts";
import { findHook, type WebhookPluginParts } from "./find-hook.ts";
import type { Hook } from "./hook-source.ts";

export function validatingWebhooks(parts: WebhookPluginParts): AdmissionPlugin {
  return {
    name: "ValidatingAdmissionWebhook",
    handles: () => true,
    async validate(request) {
      const hooks = parts.source.hooks();
      if (hooks.length === 0 || isExempt(request.objectKind)) return;
      const outcomes = await Promise.allSettled(hooks.map((hook) => validate(hook, request, parts)));
      const refusals = outcomes.flatMap((outcome) =>
        outcome.status === "rejected" ? [outcome.reason as unknown] : [],
      );
      if (refusals.length > 0) throw joinRefusals(refusals);
    },
  };
}

async function validate(hook: Hook, request: AdmissionRequest, parts: WebhookPluginParts): Promise<void> {
  const found = await findHook(hook, request, parts);
  if (!found) return;
  const answer = await callHook(hook, request, { ...found, isMutating: false }, parts);
  if (!answer) request.annotate("failed-open.validating.webhook.admission.k8s.io/round_0_index_0", hook.name);
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
