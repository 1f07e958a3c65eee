// A cluster in this process and a webhook it may be told to ask.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { type MutatingWebhook, resources, StatusError, type ValidatingWebhook } from "#kubernetes/api";
import { startTestCluster, type TestCluster } from "../cluster/test-cluster.ts";
import { startWebhook, type WebhookServer } from "./webhook-server.ts";

export const namespace = "default";
export const onConfigMaps = {
  operations: ["CREATE", "UPDATE", "DELETE"],
  apiGroups: [""],
  apiVersions: ["v1"],
  resources: ["configmaps"],
};

export interface Scene {
  readonly cluster: TestCluster;
  readonly webhook: WebhookServer;
}

export async function startScene(t: TestContext): Promise<Scene> {
  const [cluster, webhook] = await Promise.all([startTestCluster(), startWebhook()]);
  t.after(async () => {
    await cluster[Symbol.asyncDispose]();
    await webhook[Symbol.asyncDispose]();
  });
  return { cluster, webhook };
}

/** A webhook at the server of the scene, by default for config maps. */
export function hook<T extends MutatingWebhook | ValidatingWebhook>(
  { webhook }: Scene,
  more: Partial<T> = {},
  path = "/",
): T {
  return {
    name: "check.example.com",
    clientConfig: webhook.clientConfig(path),
    rules: [onConfigMaps],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    // What the server makes for itself is none of the test's business.
    objectSelector: { matchExpressions: [{ key: "quiet", operator: "DoesNotExist" }] },
    ...more,
  } as unknown as T;
}

/** Configures validating webhooks. */
export function validate(scene: Scene, ...webhooks: ValidatingWebhook[]) {
  return scene.cluster.client.create(resources.validatingWebhookConfigurations, { metadata: { name: "v" }, webhooks });
}

/** Configures mutating webhooks. */
export function mutate(scene: Scene, ...webhooks: MutatingWebhook[]) {
  return scene.cluster.client.create(resources.mutatingWebhookConfigurations, { metadata: { name: "m" }, webhooks });
}

/** Creates a ConfigMap. */
export function create(
  { cluster }: Scene,
  name: string,
  data: Record<string, string> = {},
  labels?: Record<string, string>,
) {
  return cluster.client.create(resources.configMaps, {
    metadata: { name, namespace, ...(labels && { labels }) },
    data,
  });
}

/** Checks that an error is a StatusError of this code and message. */
export function refusal(code: number, message: RegExp | string) {
  return (error: unknown) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.code, code);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  };
}
