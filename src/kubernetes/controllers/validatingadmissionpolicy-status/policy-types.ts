// Finds the types a policy is about: asks the server what it serves, and for the schemas of those kinds.

import { isNotFound, parseApiVersion, type ValidatingAdmissionPolicy } from "#kubernetes/api";
import { type Client, discoverResources, getJson } from "#kubernetes/client";
import type { CheckedKind, CheckOptions } from "./check-types.ts";
import { kindSchema, type OpenApiDocument } from "./kind-schema.ts";
import { kindsToCheck, type VersionedKind } from "./kinds-to-check.ts";

/** Kinds the server does not describe are left out. */
export async function findPolicyTypes(
  client: Client,
  policy: ValidatingAdmissionPolicy,
  signal: AbortSignal,
): Promise<CheckOptions> {
  const documents = new Map<string, Promise<OpenApiDocument | undefined>>();
  const find = async (kind: VersionedKind): Promise<CheckedKind | undefined> => {
    const path = `/openapi/v3/${kind.group === "" ? "api" : `apis/${kind.group}`}/${kind.version}`;
    const asked = documents.get(path) ?? readDocument(client, path, signal);
    documents.set(path, asked);
    const document = await asked;
    const schema = document && kindSchema(document, kind);
    return schema && { kind, schema };
  };
  const kinds = await Promise.all((await kindsOf(client, policy, signal)).map(find));
  const paramKind = paramKindOf(policy);
  return { kinds: kinds.filter((kind) => kind !== undefined), params: paramKind && (await find(paramKind)) };
}

async function kindsOf(client: Client, policy: ValidatingAdmissionPolicy, signal: AbortSignal) {
  if (!policy.spec?.validations?.length || !policy.spec.matchConstraints?.resourceRules?.length) return [];
  const { resources } = await discoverResources(client, signal);
  return kindsToCheck(
    policy,
    resources.map(({ resource }) => resource),
  );
}

function paramKindOf({ spec }: ValidatingAdmissionPolicy): VersionedKind | undefined {
  const { apiVersion, kind } = spec?.paramKind ?? {};
  return apiVersion && kind ? { ...parseApiVersion(apiVersion), kind } : undefined;
}

async function readDocument(client: Client, path: string, signal: AbortSignal): Promise<OpenApiDocument | undefined> {
  try {
    return await getJson<OpenApiDocument>(client, path, signal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
