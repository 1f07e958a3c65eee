// Bearer tokens that a webhook knows: it is asked by a TokenReview, and its answers are remembered for a while.

import { createHash } from "node:crypto";
import type { TokenReview, UserInfo } from "#kubernetes/api";
import type { Clock } from "#shared";
import type { CallWebhook, WebhookClient } from "../webhooks/call-webhook.ts";
import { askAgain } from "../webhooks/retry-webhook.ts";
import type { AuthenticatedToken, TokenAuthenticator } from "./authenticator.ts";

/** Upstream's --authentication-token-webhook-cache-ttl. */
const rememberedMs = 2 * 60_000;
const mostRemembered = 4096;
const timeoutMs = 30_000;

export interface TokenWebhookOptions {
  readonly client: WebhookClient;
  readonly call: CallWebhook;
  readonly clock: Clock;
}

/** Unknown tokens are remembered as well, so that a busy client with a bad one does not ask the webhook each time. */
export function tokenWebhook({ client, call, clock }: TokenWebhookOptions): TokenAuthenticator {
  const known = new Map<string, { readonly answer: AuthenticatedToken | undefined; readonly until: number }>();
  return {
    async authenticate(token, audiences = []) {
      const key = createHash("sha256")
        .update(`${audiences.join("\0")}\0${token}`)
        .digest("base64");
      const remembered = known.get(key);
      if (remembered && remembered.until > clock.now()) return remembered.answer;
      const review = reviewOf(token, audiences);
      const answer = readAnswer(await askAgain(() => call(client, review, { timeoutMs }), clock));
      if (known.size >= mostRemembered) known.clear();
      known.set(key, { answer, until: clock.now() + rememberedMs });
      return answer;
    },
  };
}

function reviewOf(token: string, audiences: readonly string[]): object {
  const spec = { token, ...(audiences.length > 0 && { audiences }) };
  return { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec };
}

function readAnswer(review: unknown): AuthenticatedToken | undefined {
  const { status } = (review ?? {}) as Partial<TokenReview>;
  if (!status) throw new Error("the webhook's answer has no status");
  if (!status.authenticated) {
    if (status.error) throw new Error(status.error);
    return undefined;
  }
  const { username = "", uid, groups = [], extra } = status.user ?? {};
  const user: UserInfo = { name: username, groups, ...(uid && { uid }), ...(extra && { extra }) };
  return { user, ...(status.audiences && { audiences: status.audiences }) };
}
