// What upstream counts of who asks and whether they may: authentication and authorization.

import type { Authorizer, Decision } from "../authorization/authorizer.ts";
import type { Exposition } from "./exposition.ts";
import { Counters, Histograms } from "./families.ts";

export type AuthenticationResult = "success" | "failure" | "error";

/** From 1 ms to 16 s. */
const bounds = Array.from({ length: 15 }, (_, power) => Number((0.001 * 2 ** power).toPrecision(6)));

export class AccessMetrics {
  readonly #users = new Counters({
    name: "authenticated_user_requests",
    help: "Requests by whom they are from, in few classes.",
    labels: ["username"],
  });
  readonly #attempts = new Counters({
    name: "authentication_attempts",
    help: "How often it was found out who asks, by outcome.",
    labels: ["result"],
  });
  readonly #durations = new Histograms({
    name: "authentication_duration_seconds",
    help: "How long it took to find out who asks.",
    labels: ["result"],
    bounds,
  });
  readonly #authorizations = new Counters({
    name: "authorization_attempts_total",
    help: "How often it was decided whether a request is allowed, by outcome.",
    labels: ["result"],
  });
  readonly #authorizationDurations = new Histograms({
    name: "authorization_duration_seconds",
    help: "How long it took to decide whether a request is allowed.",
    labels: ["result"],
    bounds,
  });
  readonly #decisions = new Counters({
    name: "apiserver_authorization_decisions_total",
    help: "Decisions that settled a request, by the authorizer that made them.",
    labels: ["decision", "name", "type"],
  });

  noteAuthentication(result: AuthenticationResult, seconds: number, username?: string): void {
    this.#attempts.add([result]);
    this.#durations.observe([result], seconds);
    if (username !== undefined) this.#users.add([classOf(username)]);
  }

  noteAuthorization({ allowed, denied, error }: Decision, seconds: number): void {
    const result = allowed ? "allowed" : error !== undefined ? "error" : denied ? "denied" : "no-opinion";
    this.#authorizations.add([result]);
    this.#authorizationDurations.observe([result], seconds);
  }

  /** The same authorizer, its decisions counted. */
  counting(authorizer: Authorizer, type: string, name: string): Authorizer {
    const note = (decision: Decision): Decision => {
      if (decision.allowed) this.#decisions.add(["allowed", name, type]);
      else if (decision.denied) this.#decisions.add(["denied", name, type]);
      return decision;
    };
    return {
      authorize(attributes) {
        const decision = authorizer.authorize(attributes);
        return decision instanceof Promise ? decision.then(note) : note(decision);
      },
      rulesFor: (user, namespace) => authorizer.rulesFor(user, namespace),
    };
  }

  write(exposition: Exposition): void {
    const all = [
      this.#users,
      this.#attempts,
      this.#durations,
      this.#authorizations,
      this.#authorizationDurations,
      this.#decisions,
    ];
    for (const family of all) family.write(exposition);
  }
}

const namedUsers = new Set(["admin", "client", "kube_proxy", "kubelet", "system:serviceaccount:kube-system:default"]);

/** As upstream: names are nobody's business here. */
function classOf(username: string): string {
  if (namedUsers.has(username)) return username;
  return username.includes("@") ? "email_id" : "other";
}
