import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type KubeObject,
  type MutatingWebhook,
  type Resource,
  resources,
  type ValidatingWebhook,
} from "#kubernetes/api";
import {
  hook,
  mutate,
  namespace,
  refusal,
  type Scene,
  startScene,
  validate,
} from "../../support/webhooks/webhook-scene.ts";
import { patching, reviewed } from "../../support/webhooks/webhook-server.ts";

interface Gadget extends KubeObject {
  data?: Record<string, string>;
}

function gadgets(version: string): Resource<Gadget> {
  return { group: "example.com", version, resource: "gadgets", kind: "Gadget", namespaced: true } as Resource<Gadget>;
}

const text = { type: "string" };

/** Serves gadgets in v1 and v2; unknown fields are pruned. */
async function serveGadgets({ cluster }: Scene, stored: "v1" | "v2" = "v1"): Promise<void> {
  const properties = { "mutation-start": text, "mutation-stage-1": text, other: text };
  const schema = { openAPIV3Schema: { type: "object", properties: { data: { type: "object", properties } } } };
  const versions = ["v1", "v2"].map((name) => ({ name, served: true, storage: name === stored, schema }));
  await cluster.client.create(resources.customResourceDefinitions, {
    metadata: { name: "gadgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "gadgets", singular: "gadget", kind: "Gadget", listKind: "GadgetList" },
      versions,
    },
  });
  await cluster.until(resources.customResourceDefinitions, ([definition]) =>
    definition?.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True"),
  );
}

const onGadgets = { operations: ["*"], apiGroups: ["example.com"], apiVersions: ["v1"], resources: ["gadgets"] };

function create({ cluster }: Scene, name: string, data: Record<string, string>, version = "v1"): Promise<Gadget> {
  return cluster.client.create(gadgets(version), { metadata: { name, namespace }, data });
}

test("webhooks of custom resources: creation, update and deletion can be refused", async (t) => {
  const scene = await startScene(t);
  const { client } = scene.cluster;
  await serveGadgets(scene);
  await validate(scene, hook<ValidatingWebhook>(scene, { rules: [onGadgets] }));
  scene.webhook.answer = ({ request, ...review }) => {
    const { data } = (request.object ?? request.oldObject) as unknown as Gadget;
    return reviewed({ request, ...review }, { allowed: data?.["other"] !== "keep", status: { message: "kept" } });
  };
  const denied = refusal(400, 'admission webhook "check.example.com" denied the request: kept');
  await assert.rejects(create(scene, "a", { other: "keep" }), denied);
  await create(scene, "a", { other: "free" });
  const patch = (value: string) =>
    client.patch(gadgets("v1"), { namespace, name: "a" }, { type: "merge", body: { data: { other: value } } });
  await assert.rejects(patch("keep"), denied);
  await client.delete(resources.validatingWebhookConfigurations, { name: "v" });
  await patch("keep");
  await validate(scene, hook<ValidatingWebhook>(scene, { rules: [onGadgets] }));
  await assert.rejects(client.delete(gadgets("v1"), { namespace, name: "a" }), denied);
});

test("webhooks of custom resources: what they add is pruned and stays owned as it was", async (t) => {
  const scene = await startScene(t);
  await serveGadgets(scene);
  await mutate(scene, hook<MutatingWebhook>(scene, { rules: [onGadgets] }));
  scene.webhook.answer = (review) =>
    reviewed(
      review,
      patching([
        { op: "add", path: "/data/mutation-stage-1", value: "yes" },
        { op: "add", path: "/data/unknown", value: "yes" },
      ]),
    );
  const made = await create(scene, "a", { "mutation-start": "yes" });
  assert.deepEqual(made.data, { "mutation-start": "yes", "mutation-stage-1": "yes" });
});

for (const stored of ["v1", "v2"] as const) {
  test(`webhooks of custom resources: rules of v1 are for requests in v2, too; stored in ${stored}`, async (t) => {
    const scene = await startScene(t);
    await serveGadgets(scene, stored);
    await mutate(scene, hook<MutatingWebhook>(scene, { rules: [onGadgets], matchPolicy: "Equivalent" }));
    scene.webhook.answer = (review) =>
      reviewed(review, patching([{ op: "add", path: "/data/mutation-stage-1", value: "yes" }]));
    const made = await create(scene, "a", { "mutation-start": "yes" }, "v2");
    assert.equal(made.apiVersion, "example.com/v2");
    assert.deepEqual(made.data, { "mutation-start": "yes", "mutation-stage-1": "yes" });
    const body = { data: { other: "x" } };
    const changed = await scene.cluster.client.patch(gadgets("v2"), { namespace, name: "a" }, { type: "merge", body });
    assert.deepEqual(changed.data, { "mutation-start": "yes", "mutation-stage-1": "yes", other: "x" });
    const [first, second] = scene.webhook.asked.map(({ request }) => request);
    assert.deepEqual(
      [first?.["kind"], first?.["requestKind"], first?.object?.["apiVersion"]],
      [
        { group: "example.com", version: "v1", kind: "Gadget" },
        { group: "example.com", version: "v2", kind: "Gadget" },
        "example.com/v1",
      ],
    );
    const old = second?.oldObject as unknown as Gadget;
    assert.deepEqual([old.apiVersion, old.metadata.name], ["example.com/v1", "a"]);
  });
}

test("webhooks of custom resources: with exact rules, other versions are none of theirs", async (t) => {
  const scene = await startScene(t);
  await serveGadgets(scene);
  await validate(scene, hook<ValidatingWebhook>(scene, { rules: [onGadgets], matchPolicy: "Exact" }));
  await create(scene, "a", {}, "v2");
  assert.equal(scene.webhook.asked.length, 0);
});

test("webhooks of definitions: a CustomResourceDefinition can be refused", async (t) => {
  const scene = await startScene(t);
  const rule = {
    operations: ["CREATE"],
    apiGroups: ["apiextensions.k8s.io"],
    apiVersions: ["*"],
    resources: ["customresourcedefinitions"],
  };
  await validate(scene, hook<ValidatingWebhook>(scene, { rules: [rule] }));
  scene.webhook.answer = (review) => reviewed(review, { allowed: false, status: { message: "no such kinds" } });
  await assert.rejects(serveGadgets(scene), refusal(400, /denied the request: no such kinds$/));
});

test("ValidatingAdmissionPolicy: custom resources are parameters, too", async (t) => {
  const scene = await startScene(t);
  const { client } = scene.cluster;
  await serveGadgets(scene, "v2");
  await client.create(resources.validatingAdmissionPolicies, {
    metadata: { name: "p" },
    spec: {
      paramKind: { apiVersion: "example.com/v1", kind: "Gadget" },
      matchConstraints: {
        resourceRules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"] }],
      },
      validations: [
        { expression: "params.apiVersion == 'example.com/v1' && object.metadata.name == params.data.other" },
      ],
    },
  });
  const paramRef = { selector: {}, parameterNotFoundAction: "Deny" };
  await client.create(resources.validatingAdmissionPolicyBindings, {
    metadata: { name: "b" },
    spec: { policyName: "p", validationActions: ["Deny"], paramRef },
  });
  const post = (name: string) => client.create(resources.configMaps, { metadata: { name, namespace } });
  await assert.rejects(post("a"), /no params found for policy binding/);
  await create(scene, "g", { other: "a" }, "v2");
  await post("a");
  await assert.rejects(post("b"), /failed expression/);
});
