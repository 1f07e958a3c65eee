// Whether a webhook is for a request: its rules and selectors, then its match conditions.

import { StatusError } from "#kubernetes/api";
import { describeError } from "#shared";
import { type AdmissionRequest, forbiddenRequest } from "../admission.ts";
import { createDecisions } from "../expressions/decisions.ts";
import type { MatchedResource, MatchTools } from "../matching/match-criteria.ts";
import { type ShownObjects, showObjects } from "../matching/show-objects.ts";
import type { HookTools } from "./call-hook.ts";
import type { Hook, HookSource } from "./hook-source.ts";

/** What both webhook plug-ins are made of. */
export interface WebhookPluginParts extends HookTools, MatchTools {
  readonly source: HookSource;
}

/** What a webhook is to be asked about. */
export interface Invocation {
  readonly matched: MatchedResource;
  readonly shown: ShownObjects;
}

/** Undefined where the webhook is not for this request. Throws Forbidden where its conditions cannot be decided. */
export async function findHook(
  hook: Hook,
  request: AdmissionRequest,
  parts: WebhookPluginParts,
): Promise<Invocation | undefined> {
  const matched = await hook.criteria.match(request, parts);
  if (!matched) return undefined;
  const shown = await showObjects(request, matched);
  const { matchConditions } = hook;
  if (!matchConditions) return { matched, shown };
  try {
    const decisions = createDecisions(parts.authorizer, request.user);
    const holds = await decisions.settle(() => matchConditions.evaluate({ request, shown, matched, decisions }));
    return holds ? { matched, shown } : undefined;
  } catch (error) {
    if (error instanceof StatusError) throw error;
    if (hook.ignoresFailures) return undefined;
    throw forbiddenRequest(request, describeError(error));
  }
}
