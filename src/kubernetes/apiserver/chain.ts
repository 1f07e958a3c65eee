// The stages every request passes, in upstream's order: who asks, whom as, whether that is allowed, and then the resource or
// path asked for.

import type { Authenticator } from "./authentication/authenticator.ts";
import { asksForImpersonation, impersonate } from "./authentication/impersonation.ts";
import type { Authorizer } from "./authorization/authorizer.ts";
import { forbiddenError } from "./authorization/forbidden.ts";
import type { Answer, Call, Handler } from "./call.ts";

export interface ChainParts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** Answers requests about resources. */
  readonly resources: Handler;
  /** Answers all others: discovery, health, metrics, … */
  readonly paths: Handler;
}

/** Refusals of any stage are thrown as StatusError. */
export function createChain(parts: ChainParts): Handler {
  const dispatch: Handler = (call) => (call.info.isResourceRequest ? parts.resources(call) : parts.paths(call));
  return withAuthentication(parts, withImpersonation(parts, withAuthorization(parts, dispatch)));
}

/** A user set by an in-process caller is taken as it is. */
function withAuthentication({ authenticator }: ChainParts, next: Handler): Handler {
  return (call) => {
    if (call.request.user) {
      call.user = call.request.user;
      return next(call);
    }
    const user = authenticator.authenticate(call.request, call.connection);
    if (user instanceof Promise) return continueAs(call, user, next);
    call.user = user;
    return next(call);
  };
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

function withAuthorization({ authorizer }: ChainParts, next: Handler): Handler {
  return (call) => {
    const attributes = { user: call.user, ...call.info };
    const decision = authorizer.authorize(attributes);
    if (decision instanceof Promise) {
      return decision.then(({ allowed, reason }) => {
        if (!allowed) throw forbiddenError(attributes, reason);
        return next(call);
      });
    }
    if (!decision.allowed) throw forbiddenError(attributes, decision.reason);
    return next(call);
  };
}
