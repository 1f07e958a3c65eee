// The kubeconfig that says where a webhook of the server itself is (upstream's --authentication-token-webhook-config-file): one
// server, whom to trust, and how to show oneself.

import { readFileSync } from "node:fs";
import { z } from "zod";
import { parseYamlDocuments } from "#kubernetes/api";
import { UserError } from "#shared";
import type { WebhookClient } from "../webhooks/call-webhook.ts";

const kubeconfig = z.looseObject({
  clusters: z
    .array(
      z.looseObject({
        name: z.string(),
        cluster: z.looseObject({
          server: z.url({ protocol: /^https$/, error: "must be a URL with https" }),
          "certificate-authority": z.string().optional(),
          "certificate-authority-data": z.base64().optional(),
        }),
      }),
    )
    .min(1, "a cluster is needed: the webhook"),
  users: z
    .array(
      z.looseObject({
        name: z.string(),
        user: z.looseObject({
          token: z.string().optional(),
          "client-certificate": z.string().optional(),
          "client-certificate-data": z.base64().optional(),
          "client-key": z.string().optional(),
          "client-key-data": z.base64().optional(),
        }),
      }),
    )
    .default([]),
  contexts: z
    .array(
      z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string().optional() }) }),
    )
    .default([]),
  "current-context": z.string().optional(),
});

type Kubeconfig = z.infer<typeof kubeconfig>;

/** Reads the file's text and the files it names. Throws a UserError that says what is wrong. */
export function readWebhookKubeconfig(text: string, name: string): WebhookClient {
  let document: unknown;
  try {
    [document] = parseYamlDocuments(text);
  } catch (error) {
    throw new UserError(`Cannot read the kubeconfig of the webhook: ${(error as Error).message}`);
  }
  const result = kubeconfig.safeParse(document);
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`);
    throw new UserError(`Cannot use the kubeconfig of the webhook: ${problems.join("; ")}`);
  }
  return clientOf(result.data, name);
}

function clientOf({ clusters, users, contexts, "current-context": current }: Kubeconfig, name: string): WebhookClient {
  const context = contexts.find((each) => each.name === current)?.context;
  const { cluster } = clusters.find((each) => each.name === context?.cluster) ?? clusters[0]!;
  const user = (users.find((each) => each.name === context?.user) ?? users[0])?.user ?? {};
  const authority = dataOf(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const certificate = dataOf(user["client-certificate-data"], user["client-certificate"]);
  const key = dataOf(user["client-key-data"], user["client-key"]);
  return {
    name,
    url: cluster.server,
    ...(authority !== undefined && { caBundle: Buffer.from(authority).toString("base64") }),
    credentials: { ...(user.token && { token: user.token }), ...(certificate && { certificate }), ...(key && { key }) },
  };
}

function dataOf(data: string | undefined, file: string | undefined): string | undefined {
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  return file === undefined ? undefined : readFileSync(file, "utf8");
}
