// Plug-ins that run only where they are named.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resources, StatusError } from "#kubernetes/api";
import { type ApiServer, createApiServer } from "#kubernetes/apiserver";
import { createClient, createDirectTransport } from "#kubernetes/client";
import { openMemoryStore } from "#kubernetes/store";

const namespace = "default";
const plugin = "OwnerReferencesPermissionEnforcement";

function clientOf(server: ApiServer, name: string, ...groups: string[]) {
  return createClient({ transport: createDirectTransport(server.handler, { name, groups }) });
}

/** What becomes of a dependent made by somebody who may create and nothing else; the message, or "created". */
async function makeDependent(t: { after(end: () => unknown): void }, admission: readonly string[] | undefined) {
  const server = createApiServer({ store: openMemoryStore(), ...(admission && { admission }) });
  t.after(() => server.stop());
  await server.ready;
  const admin = clientOf(server, "admin", "system:masters");
  await admin.create(resources.roles, {
    metadata: { name: "makers", namespace },
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["create"] }],
  });
  await admin.create(resources.roleBindings, {
    metadata: { name: "makers", namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "makers" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "maker" }],
  });
  const { metadata } = await admin.create(resources.configMaps, { metadata: { name: "owner", namespace } });
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: metadata.uid!, blockOwnerDeletion: true };
  try {
    const dependent = { metadata: { name: "dependent", namespace, ownerReferences: [owner] } };
    await clientOf(server, "maker").create(resources.configMaps, dependent);
    return "created";
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return error.message;
  }
}

test(`admission: ${plugin} runs where it is named`, async (t) => {
  const refused = /cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on/;
  assert.match(await makeDependent(t, [plugin]), refused);
});

test(`admission: ${plugin} is not among the defaults`, async (t) => {
  assert.equal(await makeDependent(t, undefined), "created");
});
