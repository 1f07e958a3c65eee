// An authorizer that asks a webhook by a SubjectAccessReview, and remembers its answers for a while.

import type { SubjectAccessReview, SubjectAccessReviewStatus } from "#kubernetes/api";
import { type Clock, describeError, type Logger } from "#shared";
import type { CallWebhook } from "../../webhooks/call-webhook.ts";
import { askAgain } from "../../webhooks/retry-webhook.ts";
import { type AuthorizationAttributes, type Authorizer, type Decision, noOpinion } from "../authorizer.ts";
import type { WebhookSettings } from "./authorization-configuration.ts";
import { meetsConditions } from "./review-conditions.ts";
import { reviewSpecOf } from "./subject-access-review.ts";

const mostRemembered = 8192;
/** What hostile clients make long is not remembered. */
const longestRemembered = 10_000;

export interface AuthorizationWebhookOptions {
  readonly call: CallWebhook;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createAuthorizationWebhook(
  settings: WebhookSettings,
  { call, clock, logger }: AuthorizationWebhookOptions,
): Authorizer {
  const known = new Map<string, { readonly decision: Decision; readonly until: number }>();
  const fail = (error: unknown): Decision => {
    logger.warn({ err: error, webhook: settings.client.name }, "authorization webhook failed");
    const decision = { allowed: false, reason: "", error: describeError(error) };
    return settings.deniesOnFailure ? { ...decision, denied: true } : decision;
  };
  const remember = (key: string, decision: Decision): void => {
    const ms = decision.allowed ? settings.authorizedMs : settings.unauthorizedMs;
    if (ms === 0 || key.length > longestRemembered) return;
    if (known.size >= mostRemembered) known.delete(known.keys().next().value!);
    known.set(key, { decision, until: clock.now() + ms });
  };
  const ask = async (spec: object, key: string): Promise<Decision> => {
    const review = { apiVersion: settings.reviewVersion, kind: "SubjectAccessReview", spec };
    try {
      const { client, timeoutMs } = settings;
      const decision = decisionOf(await askAgain(() => call(client, review, { timeoutMs }), clock));
      remember(key, decision);
      return decision;
    } catch (error) {
      return fail(error);
    }
  };
  return {
    authorize(attributes: AuthorizationAttributes) {
      const spec = reviewSpecOf(attributes);
      try {
        if (!meetsConditions(settings.conditions, spec)) return noOpinion;
      } catch (error) {
        return fail(error);
      }
      const key = JSON.stringify(spec);
      const remembered = known.get(key);
      if (remembered && remembered.until > clock.now()) return remembered.decision;
      return ask(spec, key);
    },
    rulesFor: () => ({
      rules: [],
      incomplete: true,
      evaluationError: "webhook authorizer does not support user rule resolution",
    }),
  };
}

function decisionOf(answer: unknown): Decision {
  const { status } = (answer ?? {}) as Partial<SubjectAccessReview>;
  if (!status) throw new Error("the webhook's answer has no status");
  const { allowed = false, denied = false, reason = "" }: SubjectAccessReviewStatus = status;
  if (allowed && denied) {
    const error = "webhook subject access review returned both allow and deny response";
    return { allowed: false, denied, reason, error };
  }
  return denied ? { allowed: false, denied, reason } : { allowed, reason };
}
