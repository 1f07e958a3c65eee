// Asks one webhook about one request: the review in the version its rules named, its failure policy, its word.

import { randomUUID } from "node:crypto";
import { badRequest, internalError } from "#kubernetes/api";
import { describeError, type Logger } from "#shared";
import type { Authorizer } from "../../authorization/authorizer.ts";
import type { AdmissionMetrics, WebhookOutcome, WebhookStep } from "../../metrics/admission-metrics.ts";
import type { CallWebhook } from "../../webhooks/call-webhook.ts";
import type { AdmissionRequest } from "../admission.ts";
import {
  makeReview,
  type ReviewAnswer,
  type ReviewQuestion,
  readReview,
  refusedByWebhook,
} from "./admission-review.ts";
import type { Invocation } from "./find-hook.ts";
import type { Hook } from "./hook-source.ts";

export interface HookTools {
  readonly authorizer: Authorizer;
  readonly call: CallWebhook;
  readonly logger: Logger;
  readonly metrics: AdmissionMetrics;
}

/**
 * The webhook's answer, when it admits the request; undefined where it could not be asked and does not mind. Throws its refusal,
 * and InternalError where it could not be asked and minds.
 */
export async function callHook(
  hook: Hook,
  request: AdmissionRequest,
  { matched, shown, isMutating }: Invocation & { readonly isMutating: boolean },
  tools: HookTools,
): Promise<ReviewAnswer | undefined> {
  if (request.dryRun && !hook.takesDryRuns) {
    throw badRequest(`admission webhook "${hook.name}" does not support dry run`);
  }
  let answer: ReviewAnswer;
  const step: WebhookStep = isMutating ? "admit" : "validating";
  const start = performance.now();
  const note = (outcome: Pick<WebhookOutcome, "rejected" | "code" | "errorType">) => {
    const { name } = hook;
    const seconds = (performance.now() - start) / 1000;
    tools.metrics.noteWebhook({ name, step, operation: request.operation, seconds, ...outcome });
  };
  try {
    answer = await ask(hook, request, { matched, shown, isMutating }, tools);
  } catch (error) {
    const message = `failed calling webhook "${hook.name}": ${describeError(error)}`;
    const failure = { rejected: !hook.ignoresFailures, code: 500 };
    note({ ...failure, ...(failure.rejected && { errorType: "calling_webhook_error" }) });
    if (!hook.ignoresFailures) throw internalError(message, error);
    tools.metrics.noteFailOpen(hook.name, step);
    tools.logger.warn({ webhook: hook.name, error: describeError(error) }, "a webhook failed and is passed over");
    return undefined;
  }
  for (const text of answer.warnings) request.warn(text);
  for (const [key, value] of Object.entries(answer.auditAnnotations)) request.annotate(`${hook.name}/${key}`, value);
  if (!answer.allowed) {
    const refusal = refusedByWebhook(hook.name, answer.status);
    note({ rejected: true, code: refusal.code, errorType: "no_error" });
    throw refusal;
  }
  note({ rejected: false, code: 200 });
  return answer;
}

async function ask(
  hook: Hook,
  request: AdmissionRequest,
  { matched, shown, isMutating }: Invocation & { readonly isMutating: boolean },
  { call }: HookTools,
): Promise<ReviewAnswer> {
  const version = hook.reviewVersion;
  if (!version) {
    const why = "webhook does not accept known AdmissionReview versions (v1, v1beta1)";
    throw new Error(`could not create admission objects: ${why}`);
  }
  const question: ReviewQuestion = { uid: randomUUID(), version, matched, ...shown };
  const review = makeReview(request, question);
  const reply = await prefixing("failed to call webhook", () =>
    call(hook.client, review, { timeoutMs: hook.timeoutMs }),
  );
  return prefixing("received invalid webhook response", async () => readReview(reply, question, isMutating));
}

async function prefixing<T>(prefix: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw new Error(`${prefix}: ${describeError(error)}`, { cause: error });
  }
}
