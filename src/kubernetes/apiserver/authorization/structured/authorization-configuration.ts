// Structured authorization (upstream's --authorization-config): the file, read and checked. Expressions are compiled here, so that one
// that is wrong is told at the start.
// https://kubernetes.io/docs/reference/access-authn-authz/authorization/#using-configuration-file-for-authorization

import { readFileSync } from "node:fs";
import { z } from "zod";
import { parseDuration, parseYamlDocuments } from "#kubernetes/api";
import { UserError } from "#shared";
import { readWebhookKubeconfig } from "../../authentication/webhook-configuration.ts";
import type { WebhookClient } from "../../webhooks/call-webhook.ts";
import { compileReviewCondition, type ReviewCondition } from "./review-conditions.ts";

export interface WebhookSettings {
  readonly client: WebhookClient;
  readonly timeoutMs: number;
  /** How long answers are remembered; 0: not. */
  readonly authorizedMs: number;
  readonly unauthorizedMs: number;
  /** "authorization.k8s.io/v1". */
  readonly reviewVersion: string;
  /** Whether a webhook that fails means no. */
  readonly deniesOnFailure: boolean;
  readonly conditions: readonly ReviewCondition[];
}

export type AuthorizerSettings =
  | { readonly type: "Node" | "RBAC" | "AlwaysAllow" | "AlwaysDeny"; readonly name: string }
  | { readonly type: "Webhook"; readonly name: string; readonly webhook: WebhookSettings };

export interface AuthorizationConfiguration {
  /** In the order they are asked. */
  readonly authorizers: readonly AuthorizerSettings[];
}

/** As Go writes them: "3s", "1m30s". In milliseconds. */
const duration = z.string().transform((text, context): number => {
  try {
    return parseDuration(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

const positive = duration.refine((ms) => ms > 0, "must be > 0s");

const condition = z.strictObject({ expression: z.string() }).transform(({ expression }, context): ReviewCondition => {
  const compiled = compileReviewCondition(expression);
  if (!("problem" in compiled)) return compiled;
  context.addIssue({ code: "custom", message: compiled.problem });
  return z.NEVER;
});

const webhook = z.strictObject({
  authorizedTTL: positive.default(5 * 60_000),
  cacheAuthorizedRequests: z.boolean().default(true),
  unauthorizedTTL: positive.default(30_000),
  cacheUnauthorizedRequests: z.boolean().default(true),
  timeout: duration.refine((ms) => ms > 0 && ms <= 30_000, "must be > 0s and <= 30s"),
  subjectAccessReviewVersion: z.enum(["v1", "v1beta1"]),
  matchConditionSubjectAccessReviewVersion: z.literal("v1").optional(),
  failurePolicy: z.enum(["NoOpinion", "Deny"]),
  connectionInfo: z.strictObject({
    type: z.literal("KubeConfigFile", 'must be "KubeConfigFile": this server runs in no cluster'),
    kubeConfigFile: z.string().startsWith("/", "must be an absolute path"),
  }),
  matchConditions: z.array(condition).max(64).default([]),
});

const authorizer = z.discriminatedUnion("type", [
  z.strictObject({ type: z.enum(["Node", "RBAC", "AlwaysAllow", "AlwaysDeny"]), name: z.string().min(1) }),
  z.strictObject({ type: z.literal("Webhook"), name: z.string().min(1), webhook }),
]);

const configuration = z.strictObject({
  apiVersion: z.enum(["apiserver.config.k8s.io/v1", "apiserver.config.k8s.io/v1beta1"]),
  kind: z.literal("AuthorizationConfiguration"),
  authorizers: z
    .array(authorizer)
    .min(1, "at least one authorization mode must be defined")
    .superRefine((list, context) => {
      for (const [index, one] of list.entries()) {
        const { type, name } = one;
        const before = list.slice(0, index);
        if (before.some((other) => other.name === name)) {
          context.addIssue({ code: "custom", path: [index, "name"], message: `Duplicate value: "${name}"` });
        }
        if (type !== "Webhook" && before.some((other) => other.type === type)) {
          context.addIssue({ code: "custom", path: [index, "type"], message: `Duplicate value: "${type}"` });
        }
        if (one.type !== "Webhook" || one.webhook.matchConditions.length === 0) continue;
        if (!one.webhook.matchConditionSubjectAccessReviewVersion) {
          const path = [index, "webhook", "matchConditionSubjectAccessReviewVersion"];
          context.addIssue({ code: "custom", path, message: "required if match conditions are specified" });
        }
      }
    }),
});

type Given = z.infer<typeof authorizer>;

/** Reads the file's text and the files it names. Throws a UserError that names every field that is wrong. */
export function readAuthorizationConfiguration(text: string): AuthorizationConfiguration {
  let document: unknown;
  try {
    [document] = parseYamlDocuments(text);
  } catch (error) {
    throw new UserError(`Cannot read the authorization configuration: ${(error as Error).message}`);
  }
  const result = configuration.safeParse(document);
  if (result.success) return { authorizers: result.data.authorizers.map(settingsOf) };
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
  throw new UserError(`Cannot use the authorization configuration: ${problems.join("; ")}`);
}

function settingsOf(given: Given): AuthorizerSettings {
  if (given.type !== "Webhook") return given;
  const { name, webhook: settings } = given;
  const { kubeConfigFile } = settings.connectionInfo;
  return {
    type: "Webhook",
    name,
    webhook: {
      client: readWebhookKubeconfig(readKubeconfig(kubeConfigFile), name),
      timeoutMs: settings.timeout,
      authorizedMs: settings.cacheAuthorizedRequests ? settings.authorizedTTL : 0,
      unauthorizedMs: settings.cacheUnauthorizedRequests ? settings.unauthorizedTTL : 0,
      reviewVersion: `authorization.k8s.io/${settings.subjectAccessReviewVersion}`,
      deniesOnFailure: settings.failurePolicy === "Deny",
      conditions: settings.matchConditions,
    },
  };
}

function readKubeconfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UserError(`Cannot read the kubeconfig of an authorization webhook: ${(cause as Error).message}`, {
      cause,
    });
  }
}
