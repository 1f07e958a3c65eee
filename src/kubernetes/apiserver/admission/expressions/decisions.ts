// What the authorizer says to the expressions of one request. Expressions cannot wait: where an answer takes a while, what was
// evaluated without it is thrown away, and evaluated once more when it is there.

import type { UserInfo } from "#kubernetes/api";
import type { AuthorizationAnswer, AuthorizationQuestion } from "#kubernetes/cel";
import { describeError } from "#shared";
import type { AuthorizationAttributes, Authorizer, Decision } from "../../authorization/authorizer.ts";

export interface Decisions {
  /** Asks for the one who makes the request, or a service account; each question but once. */
  authorize(question: AuthorizationQuestion): AuthorizationAnswer;
  /** What `evaluate` answers or throws once nothing it asked is open. It must do nothing but evaluate. */
  settle<T>(evaluate: () => T): Promise<T>;
}

export function createDecisions(authorizer: Authorizer, user: UserInfo): Decisions {
  const known = new Map<string, AuthorizationAnswer>();
  const open = new Map<string, Promise<void>>();
  return {
    authorize(question) {
      const key = JSON.stringify(question);
      const answer = known.get(key);
      if (answer) return answer;
      if (open.has(key)) return undecided;
      const decision = authorizer.authorize(attributesOf(question, user));
      if (!(decision instanceof Promise)) {
        known.set(key, answerOf(decision));
        return known.get(key)!;
      }
      const keep = (late: AuthorizationAnswer) => void known.set(key, late);
      const settled = decision.then(answerOf, (error: unknown) => ({ ...undecided, error: describeError(error) }));
      open.set(key, settled.then(keep));
      return undecided;
    },
    async settle(evaluate) {
      for (;;) {
        const outcome = attempt(evaluate);
        if (open.size === 0) return outcome();
        await Promise.all(open.values());
        open.clear();
      }
    },
  };
}

const undecided: AuthorizationAnswer = { allowed: false, reason: "", error: "not decided yet" };

function answerOf({ allowed, reason }: Decision): AuthorizationAnswer {
  return { allowed, reason };
}

/** Answers or throws what `run` has, later. */
function attempt<T>(run: () => T): () => T {
  try {
    const value = run();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function attributesOf(
  { verb, path = "", resource, serviceAccount }: AuthorizationQuestion,
  user: UserInfo,
): AuthorizationAttributes {
  return {
    user: serviceAccount ? accountUser(serviceAccount) : user,
    verb,
    isResourceRequest: resource !== undefined,
    path,
    apiGroup: resource?.group ?? "",
    apiVersion: "*",
    namespace: resource?.namespace ?? "",
    resource: resource?.resource ?? "",
    subresource: resource?.subresource ?? "",
    name: resource?.name ?? "",
    fieldSelector: resource?.fieldSelector ?? "",
    labelSelector: resource?.labelSelector ?? "",
  };
}

function accountUser({ namespace, name }: { namespace: string; name: string }): UserInfo {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { name: `system:serviceaccount:${namespace}:${name}`, groups };
}
