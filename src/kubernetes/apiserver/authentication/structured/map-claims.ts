// From the claims of a token that was verified to a user, by the mappings and rules of its authenticator. Pure.

import type { UserInfo } from "#kubernetes/api";
import { type CelValue, evaluate, fromJson, isError, type Program, toJson } from "#kubernetes/cel";
import type { JwtAuthenticator, Mapping, Rule } from "./authentication-configuration.ts";

export type Claims = Readonly<Record<string, unknown>>;

/** Throws an Error that says why the claims make no user. */
export function mapClaims(authenticator: JwtAuthenticator, claims: Claims): UserInfo {
  const value = fromJson(claims);
  const findClaims = (name: string) => (name === "claims" ? value : undefined);
  for (const { claim, value: wanted } of authenticator.requiredClaims) {
    if (claims[claim] !== wanted) throw new Error(`oidc: required claim ${claim} value does not match`);
  }
  checkRules(authenticator.claimRules, findClaims);
  const name = textOf(authenticator.username, claims, findClaims);
  if (!name) throw new Error("oidc: the username is empty");
  if (name.startsWith("system:") && isExpression(authenticator.username)) {
    throw new Error("oidc: username may not begin with system:");
  }
  const groups = authenticator.groups ? listOf(authenticator.groups, claims, findClaims) : [];
  const uid = authenticator.uid ? textOf(authenticator.uid, claims, findClaims) : "";
  const extra = Object.fromEntries(
    authenticator.extra.flatMap(({ key, program }) => {
      const values = toList(run(program, findClaims));
      return values.length > 0 ? [[key, values]] : [];
    }),
  );
  const user: UserInfo = { name, groups, ...(uid && { uid }), ...(Object.keys(extra).length > 0 && { extra }) };
  const shown = fromJson({ username: name, groups, uid, extra });
  checkRules(authenticator.userRules, (variable) => (variable === "user" ? shown : undefined));
  return user;
}

type Find = (name: string) => CelValue | undefined;

function isExpression(mapping: Mapping): mapping is Extract<Mapping, { program: Program }> {
  return "program" in mapping;
}

function checkRules(rules: readonly Rule[], find: Find): void {
  for (const { program, message } of rules) {
    if (run(program, find) !== true) throw new Error(message);
  }
}

function run(program: Program, find: Find): unknown {
  const { value } = evaluate(program, find);
  if (isError(value)) throw new Error(value.message);
  return toJson(value);
}

function textOf(mapping: Mapping, claims: Claims, find: Find): string {
  if (isExpression(mapping)) return String(run(mapping.program, find) ?? "");
  const claim = claims[mapping.claim];
  if (claim === undefined) throw new Error(`oidc: claim "${mapping.claim}" not present`);
  if (typeof claim !== "string") throw new Error(`oidc: claim "${mapping.claim}" is no string`);
  if (mapping.claim === "email" && claims["email_verified"] === false) throw new Error("oidc: email not verified");
  return claim === "" ? "" : mapping.prefix + claim;
}

function listOf(mapping: Mapping, claims: Claims, find: Find): string[] {
  if (isExpression(mapping)) return toList(run(mapping.program, find));
  return toList(claims[mapping.claim]).map((group) => mapping.prefix + group);
}

/** One text is a list of one; blank ones are left out. */
function toList(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === "string" && item !== "");
}
