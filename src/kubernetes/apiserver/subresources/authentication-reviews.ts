// TokenReview (whose token is this?) and SelfSubjectReview (who am I?).

import { badRequest, type TokenReview, type UserInfo } from "#kubernetes/api";
import type { TokenAuthenticator } from "../authentication/authenticator.ts";
import { withAuthenticatedGroup } from "../authentication/users.ts";
import type { ObjectAnswer } from "../call.ts";
import type { RegistryContext, ResourceCall, Verb } from "../registry/context.ts";
import { admitNew } from "../registry/create.ts";
import { formatTime } from "../registry/object-meta.ts";

export async function createSelfSubjectReview(context: RegistryContext, request: ResourceCall): Promise<ObjectAnswer> {
  const { admitted } = await admitNew(context, request);
  await context.admission.validate(admitted);
  const object = {
    ...admitted.object,
    metadata: { creationTimestamp: formatTime(context.clock.now()) },
    status: { userInfo: describeUser(request.call.user) },
  };
  return { kind: "object", status: 201, document: { object } };
}

export function createTokenReview(options: {
  readonly tokens: TokenAuthenticator;
  readonly audiences: readonly string[];
}): Verb<ObjectAnswer> {
  return async (context, request) => {
    const { admitted } = await admitNew(context, request);
    const review = admitted.object as TokenReview;
    if (!review.spec.token) throw badRequest("token is required for TokenReview in authentication");
    await context.admission.validate(admitted);
    const audiences = review.spec.audiences?.length ? review.spec.audiences : options.audiences;
    const status = await reviewToken(options.tokens, review.spec.token, audiences);
    return { kind: "object", status: 201, document: { object: { ...review, status } } };
  };
}

async function reviewToken(
  tokens: TokenAuthenticator,
  token: string,
  audiences: readonly string[],
): Promise<NonNullable<TokenReview["status"]>> {
  try {
    const found = await tokens.authenticate(token, audiences);
    if (!found) return { user: {}, error: "invalid bearer token" };
    const user = describeUser(withAuthenticatedGroup(found.user));
    return { authenticated: true, user, ...(found.audiences && { audiences: [...found.audiences] }) };
  } catch (error) {
    return { user: {}, error: `[invalid bearer token, ${(error as Error).message}]` };
  }
}

function describeUser({ name, uid, groups, extra }: UserInfo): Record<string, unknown> {
  const hasExtra = extra && Object.keys(extra).length > 0;
  return { username: name, ...(uid && { uid }), groups: [...groups], ...(hasExtra && { extra: { ...extra } }) };
}
