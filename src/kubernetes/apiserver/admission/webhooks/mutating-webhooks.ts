// MutatingAdmissionWebhook: webhooks that may change an object, one after the other, each seeing what those before it have made.

import { applyJsonPatch, internalError, type KubeObject, readJsonPatch, StatusError } from "#kubernetes/api";
import { describeError } from "#shared";
import type { AdmissionPlugin, AdmissionRequest, MutationRound } from "../admission.ts";
import { convertObject } from "../matching/convert-object.ts";
import { isExempt } from "../matching/match-rules.ts";
import { noteOutput, type ReinvocationMemory, reinvocationMemory, requireOthers, textOf } from "../reinvocation.ts";
import { replaceObject } from "../replace-object.ts";
import { callHook } from "./call-hook.ts";
import { findHook, type Invocation, type WebhookPluginParts } from "./find-hook.ts";
import type { Hook } from "./hook-source.ts";

const pluginName = "MutatingAdmissionWebhook";

export function mutatingWebhooks(parts: WebhookPluginParts): AdmissionPlugin {
  return {
    name: pluginName,
    handles: () => true,
    isIdle: () => parts.source.hooks().length === 0,
    async admit(request, round) {
      const hooks = parts.source.hooks();
      if (isExempt(request.objectKind)) return;
      const memory = reinvocationMemory(pluginName, round, request);
      for (const [index, hook] of hooks.entries()) await mutate(hook, index, request, { parts, round, memory });
      noteOutput(memory, request);
    },
  };
}

interface Turn {
  readonly parts: WebhookPluginParts;
  readonly round: MutationRound;
  readonly memory: ReinvocationMemory;
}

async function mutate(hook: Hook, index: number, request: AdmissionRequest, turn: Turn): Promise<void> {
  const { parts, round, memory } = turn;
  const found = await findHook(hook, request, parts);
  if (!found || (round.isReinvocation && !memory.due.has(hook.uid))) return;
  const place = `webhook.admission.k8s.io/round_${round.isReinvocation ? 1 : 0}_index_${index}`;
  const about = { configuration: hook.configuration, webhook: hook.name };
  let isChanged = false;
  try {
    const answer = await callHook(hook, request, { ...found, isMutating: true }, parts);
    isChanged = answer?.patch !== undefined && (await applyPatch(hook, answer.patch, request, found));
    if (!answer) request.annotate(`failed-open.mutation.${place}`, hook.name);
    if (isChanged) {
      const patch = { ...about, patch: JSON.parse(answer!.patch!), patchType: "JSONPatch" };
      request.annotateContents(`patch.${place}`, JSON.stringify(patch));
    }
  } finally {
    // Refused or not: the webhook was asked.
    request.annotate(`mutation.${place}`, JSON.stringify({ ...about, mutated: isChanged }));
  }
  if (isChanged) requireOthers(memory, round);
  if (hook.isReinvoked) memory.called.add(hook.uid);
}

/** Makes the change in place. Answers whether it was one. */
async function applyPatch(
  hook: Hook,
  text: string,
  request: AdmissionRequest,
  { matched, shown }: Invocation,
): Promise<boolean> {
  const patch = parsePatch(hook, text);
  if (patch.operations.length === 0) return false;
  const { object } = shown;
  if (!object || !request.object) {
    const why = "attempted to modify the object, which is not supported for this operation";
    throw internalError(`admission webhook "${hook.name}" ${why}`);
  }
  const before = textOf(request);
  const patched = (await asInternal(() => applyJsonPatch(object, patch))) as KubeObject;
  const own = matched.other ? await convertObject(patched, matched.other, request.served) : patched;
  replaceObject(request.object, await asInternal(() => request.decode(own)));
  return textOf(request) !== before;
}

function parsePatch(hook: Hook, text: string): ReturnType<typeof readJsonPatch> {
  try {
    return readJsonPatch(JSON.parse(text));
  } catch (error) {
    const why = `received undecodable patch in webhook response: ${describeError(error)}`;
    throw internalError(`failed calling webhook "${hook.name}": ${why}`, error);
  }
}

/** What a patch of ours breaks is not the client's fault. */
async function asInternal<T>(run: () => T): Promise<T> {
  try {
    return run();
  } catch (error) {
    const cause = error instanceof StatusError && error.cause instanceof Error ? error.cause : error;
    throw internalError(describeError(cause), error);
  }
}
