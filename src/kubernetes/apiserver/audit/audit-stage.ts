// The audit stage of the chain: every request that the policy wants written down is, at each of its stages. Refused
// authentications are, too.

import { randomUUID } from "node:crypto";
import { internalError, StatusError } from "#kubernetes/api";
import { type Clock, describeError, type Logger } from "#shared";
import type { Answer, Call, Handler, WatchSink } from "../call.ts";
import { type AuditEvent, type AuditedCall, type AuditOutcome, makeAuditEvent } from "./audit-event.ts";
import { type AuditPolicy, type AuditStage, compileAuditPolicy } from "./audit-policy.ts";

/** Where events go. */
export interface AuditSink {
  /** Throws where it cannot be kept. */
  write(event: AuditEvent): void;
}

export interface AuditOptions {
  readonly policy: AuditPolicy;
  readonly sink: AuditSink;
}

export interface AuditStages {
  /** Follows authentication. */
  wrap(next: Handler): Handler;
  /** Writes down a request whose authentication was refused. */
  noteRefused(call: Call, error: unknown): void;
}

/** A request that cannot be written down when it comes is refused; afterwards there is nothing left to refuse. */
export function createAuditStages(
  { policy, sink }: AuditOptions,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): AuditStages {
  const settingsOf = compileAuditPolicy(policy);
  const begin = (call: Call): AuditedCall => {
    const { request, info, user } = call;
    const query = request.query.toString();
    call.auditAnnotations = { ...call.authenticationAnnotations };
    call.auditId = request.headers["audit-id"] || randomUUID();
    const settings = settingsOf({ user, ...info });
    call.auditsBodies = settings.level === "Request" || settings.level === "RequestResponse";
    return {
      call,
      auditID: call.auditId,
      settings,
      user,
      requestURI: query === "" ? request.path : `${request.path}?${query}`,
      receivedAt: clock.now(),
      annotations: call.auditAnnotations,
    };
  };
  const write = (audited: AuditedCall, stage: AuditStage, outcome?: AuditOutcome) => {
    if (audited.settings.omitStages.has(stage)) return;
    try {
      sink.write(makeAuditEvent(audited, stage, { now: clock.now(), ...(outcome && { outcome }) }));
    } catch (error) {
      logger.error({ auditID: audited.auditID, stage, error: describeError(error) }, "an audit event was not stored");
      if (stage === "RequestReceived") throw internalError("failed to store audit event", error);
    }
  };
  return {
    wrap: (next) => async (call) => {
      const audited = begin(call);
      if (audited.settings.level === "None") return next(call);
      write(audited, "RequestReceived");
      try {
        const answer = await next(call);
        return finish(audited, answer, write);
      } catch (error) {
        write(audited, "ResponseComplete", outcomeOf(error));
        throw error;
      }
    },
    noteRefused(call, error) {
      const audited = begin(call);
      if (audited.settings.level !== "None") write(audited, "ResponseStarted", outcomeOf(error));
    },
  };
}

type Write = (audited: AuditedCall, stage: AuditStage, outcome?: AuditOutcome) => void;

/** A watch has started when it is answered, and is complete when it ends; all else is complete. */
function finish(audited: AuditedCall, answer: Answer, write: Write): Answer {
  const code = "status" in answer ? answer.status : 101;
  if (answer.kind !== "watch") {
    write(audited, "ResponseComplete", { code, answer });
    return answer;
  }
  write(audited, "ResponseStarted", { code, answer });
  let isComplete = false;
  const complete = () => {
    if (!isComplete) write(audited, "ResponseComplete", { code, answer });
    isComplete = true;
  };
  return { ...answer, open: (sink) => openAudited(answer.open, sink, complete) };
}

function openAudited(open: (sink: WatchSink) => () => void, sink: WatchSink, complete: () => void): () => void {
  const stop = open({
    push: (records) => sink.push(records),
    end() {
      complete();
      sink.end();
    },
  });
  return () => {
    complete();
    stop();
  };
}

function outcomeOf(error: unknown): AuditOutcome {
  const refusal = StatusError.from(error);
  const { metadata: _metadata, apiVersion: _version, kind: _kind, ...status } = refusal.toStatus();
  return { code: refusal.code, status };
}
