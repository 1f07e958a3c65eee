// May this user do this? The interface, and the ways to combine answers.

import type { PolicyRule, UserInfo } from "#kubernetes/api";
import { mastersGroup } from "../authentication/users.ts";

/** What is asked for. Of requests that are about no resource, only `user`, `verb` and `path` count. */
export interface AuthorizationAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResourceRequest: boolean;
  readonly path: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** As in the query: what a list or watch is narrowed to. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** Not allowed means no opinion, unless `denied`: then nobody after may allow it either. */
export interface Decision {
  readonly allowed: boolean;
  readonly denied?: boolean;
  readonly reason: string;
  /** What kept an authorizer from deciding: a request that is not allowed for such a reason has not been refused, but has failed. */
  readonly error?: string;
}

export const noOpinion: Decision = { allowed: false, reason: "" };

/** The rules that apply to a user; `incomplete` where not everything allowed can be put as rules. */
export interface UserRules {
  readonly rules: readonly PolicyRule[];
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Decision | Promise<Decision>;
  rulesFor(user: UserInfo, namespace: string): UserRules;
}

const everything: PolicyRule = { apiGroups: ["*"], resources: ["*"], verbs: ["*"] };
const everyPath: PolicyRule = { nonResourceURLs: ["*"], verbs: ["*"] };

/** Lets everybody do everything. */
export const alwaysAllow: Authorizer = {
  authorize: () => ({ allowed: true, reason: "" }),
  rulesFor: () => ({ rules: [everything, everyPath], incomplete: false }),
};

/** Lets nobody do anything that no other authorizer lets them do. */
export const alwaysDeny: Authorizer = {
  authorize: () => ({ allowed: false, reason: "Everything is forbidden." }),
  rulesFor: () => ({ rules: [], incomplete: false }),
};

/** Lets members of system:masters do everything, and has no opinion on others. */
export const allowMasters: Authorizer = {
  authorize: ({ user }) => (user.groups.includes(mastersGroup) ? { allowed: true, reason: "" } : noOpinion),
  rulesFor: ({ groups }) =>
    groups.includes(mastersGroup)
      ? { rules: [everything, everyPath], incomplete: false }
      : { rules: [], incomplete: false },
};

interface Undecided {
  readonly reasons: string[];
  readonly errors: string[];
}

/** The first that allows or denies decides; else nobody allows it, for all their reasons and errors. */
export function combineAuthorizers(authorizers: readonly Authorizer[]): Authorizer {
  const askFrom = (
    start: number,
    attributes: AuthorizationAttributes,
    undecided: Undecided,
  ): Decision | Promise<Decision> => {
    for (let index = start; index < authorizers.length; index++) {
      const decision = authorizers[index]!.authorize(attributes);
      if (decision instanceof Promise) {
        return decision.then((late) => note(late, undecided) ?? askFrom(index + 1, attributes, undecided));
      }
      const final = note(decision, undecided);
      if (final) return final;
    }
    return nobodyAllows(undecided);
  };
  return {
    authorize: (attributes) => askFrom(0, attributes, { reasons: [], errors: [] }),
    rulesFor(user, namespace) {
      const answers = authorizers.map((authorizer) => authorizer.rulesFor(user, namespace));
      const errors = answers.flatMap((answer) => answer.evaluationError ?? []);
      return {
        rules: answers.flatMap((answer) => answer.rules),
        incomplete: answers.some((answer) => answer.incomplete),
        ...(errors.length > 0 && { evaluationError: errors.join(", ") }),
      };
    },
  };
}

/** The decision if it settles the matter; else its reason and error are kept. */
function note(decision: Decision, { reasons, errors }: Undecided): Decision | undefined {
  if (decision.allowed || decision.denied) return decision;
  if (decision.reason !== "") reasons.push(decision.reason);
  if (decision.error !== undefined) errors.push(decision.error);
  return undefined;
}

/** Several errors are told as Go tells an aggregate. */
function nobodyAllows({ reasons, errors }: Undecided): Decision {
  const reason = reasons.join("\n");
  if (errors.length === 0) return { allowed: false, reason };
  const distinct = [...new Set(errors)];
  return { allowed: false, reason, error: distinct.length === 1 ? distinct[0]! : `[${distinct.join(", ")}]` };
}
