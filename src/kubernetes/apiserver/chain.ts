// The stages every request passes, in upstream's order: who asks, whom as, whether it is that request's turn, whether it is
// allowed, and then the resource or path asked for.

import { badRequest, parseDuration, StatusError } from "#kubernetes/api";
import type { Aggregation } from "./aggregation/aggregation.ts";
import type { AuditStages } from "./audit/audit-stage.ts";
import type { Authenticator, TokenNotes } from "./authentication/authenticator.ts";
import { asksForImpersonation, impersonate } from "./authentication/impersonation.ts";
import type { Authorizer, Decision } from "./authorization/authorizer.ts";
import { forbiddenError } from "./authorization/forbidden.ts";
import { type Answer, annotate, type Call, type Handler } from "./call.ts";
import type { AccessMetrics } from "./metrics/access-metrics.ts";
import { isLongRunning } from "./metrics/request-kind.ts";
import { textAnswer } from "./paths/page-not-found.ts";

export interface ChainParts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** Absent where nothing is audited. */
  readonly audit?: AuditStages | undefined;
  readonly metrics: AccessMetrics;
  /** Holds back what is too much at once; absent: nothing is held back. */
  readonly fairness?: { readonly wrap: (next: Handler) => Handler } | undefined;
  /** Answers what another server is to answer, and says whether one is. */
  readonly aggregation: Pick<Aggregation, "claims" | "handler">;
  /** Answers requests about resources. */
  readonly resources: Handler;
  /** Answers all others: discovery, health, metrics, … */
  readonly paths: Handler;
}

/** Refusals of any stage are thrown as StatusError. */
export function createChain(parts: ChainParts): Handler {
  const dispatch: Handler = (call) => {
    if (parts.aggregation.claims(call)) return parts.aggregation.handler(call);
    return call.info.isResourceRequest ? parts.resources(call) : parts.paths(call);
  };
  const authorized = withAuthorization(parts, dispatch);
  const rest = withImpersonation(parts, parts.fairness ? parts.fairness.wrap(authorized) : authorized);
  return withTimeout(withAuthentication(parts, parts.audit ? parts.audit.wrap(rest) : rest));
}

/** A timeout that is no duration is refused before anybody asks who asks (upstream's WithRequestDeadline); a good one ends nothing here. */
function withTimeout(next: Handler): Handler {
  return (call) => {
    const timeout = call.request.query.get("timeout");
    if (timeout && !isLongRunning(call)) checkTimeout(timeout);
    return next(call);
  };
}

function checkTimeout(timeout: string): void {
  try {
    parseDuration(timeout);
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${(error as Error).message}`, error);
  }
}

/** A user set by an in-process caller is taken as it is. */
function withAuthentication({ authenticator, audit, metrics }: ChainParts, next: Handler): Handler {
  const noteRefused = (call: Call, error: unknown): never => {
    audit?.noteRefused(call, error);
    const isRefused = error instanceof StatusError && error.code === 401;
    metrics.noteAuthentication(isRefused ? "failure" : "error", 0);
    throw error;
  };
  return (call) => {
    if (call.request.user) {
      call.user = call.request.user;
      return next(call);
    }
    const start = performance.now();
    const noteKnown = (user: Call["user"]): Call["user"] => {
      metrics.noteAuthentication("success", (performance.now() - start) / 1000, user.name);
      return user;
    };
    try {
      const user = authenticator.authenticate(call.request, call.connection, (notes) => takeNotes(call, notes));
      if (user instanceof Promise) {
        return continueAs(
          call,
          user.then(noteKnown, (error: unknown) => noteRefused(call, error)),
          next,
        );
      }
      call.user = noteKnown(user);
    } catch (error) {
      noteRefused(call, error);
    }
    return next(call);
  };
}

function takeNotes(call: Call, { warning, auditAnnotations }: TokenNotes): void {
  if (warning !== undefined) call.warnings.push(warning);
  call.authenticationAnnotations = auditAnnotations;
}

async function continueAs(call: Call, user: Promise<Call["user"]>, next: Handler): Promise<Answer> {
  call.user = await user;
  return next(call);
}

function withImpersonation({ authorizer }: ChainParts, next: Handler): Handler {
  return (call) => {
    if (!asksForImpersonation(call.request.headers)) return next(call);
    return continueAs(call, impersonate(call, authorizer), next);
  };
}

function withAuthorization({ authorizer, metrics }: ChainParts, next: Handler): Handler {
  const proceed = (call: Call, { allowed, reason, error }: Decision): Promise<Answer> => {
    if (!allowed && error !== undefined) {
      annotate(call, "authorization.k8s.io/reason", "internal error");
      return Promise.resolve(authorizationFailed(call, error));
    }
    annotate(call, "authorization.k8s.io/decision", allowed ? "allow" : "forbid");
    annotate(call, "authorization.k8s.io/reason", reason);
    if (!allowed) throw forbiddenError({ user: call.user, ...call.info }, reason);
    if (call.unacceptable) throw call.unacceptable;
    return next(call);
  };
  return (call) => {
    const start = performance.now();
    const goOn = (made: Decision) => {
      metrics.noteAuthorization(made, (performance.now() - start) / 1000);
      return proceed(call, made);
    };
    const decision = authorizer.authorize({ user: call.user, ...call.info });
    return decision instanceof Promise ? decision.then(goOn) : goOn(decision);
  };
}

/** Nobody has refused: it could not be found out whether it is allowed. As upstream, in plain text. */
function authorizationFailed({ request: { path, query } }: Call, error: string): Answer {
  const uri = query.size === 0 ? path : `${path}?${query}`;
  const text = `Internal Server Error: ${JSON.stringify(uri)}: ${error}`;
  const clean = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return textAnswer(500, `${clean}\n`, { "x-content-type-options": "nosniff" });
}
