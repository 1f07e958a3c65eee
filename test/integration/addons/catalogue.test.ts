import assert from "node:assert/strict";
import { test } from "node:test";
import { type Addon, applyAddon, catalogue, chosen, diffAddon, releaseOf, removeAddon, resolveAddon } from "#addons";
import { resolveConfig } from "#config";
import { resources } from "#kubernetes/api";
import { exec } from "#shared";
import { startApi } from "../../support/addons/start-api.ts";

const { signal } = new AbortController();
const context = {
  config: resolveConfig({ name: "demo" }),
  server: "https://127.0.0.1:6443",
  authority: "PEM",
  exec,
  signal,
  reader: {
    read: async () => {
      throw new Error("nothing is read");
    },
  },
};

/** Those that are written here, as opposed to what is read from upstream. */
function isOwn(entry: Addon): boolean {
  const { manifests, chart } = releaseOf(entry) ?? {};
  return manifests === undefined && chart === undefined;
}

test("the catalogue: every add-on of ours is taken by the API server, and a second time there is nothing to do", async (t) => {
  const client = await startApi(t);
  const own = catalogue.filter(isOwn);
  for (const entry of own) {
    const addon = await resolveAddon(chosen(entry), context);
    await applyAddon(client, addon, { signal });
    const diff = await diffAddon(client, addon, signal);
    assert.ok(
      !diff.hasChanges,
      `${entry.name}: ${JSON.stringify(diff.objects.filter(({ action }) => action !== "nothing"))}`,
    );
  }
  const service = await client.get(resources.services, { namespace: "kube-system", name: "kube-dns" });
  assert.equal(service.spec?.clusterIP, "10.96.0.10");
  // Nobody here would end a namespace.
  for (const { name, namespace } of own) if (namespace !== "logging") await removeAddon(client, name, { signal });
  assert.deepEqual((await client.list(resources.storageClasses)).items, []);
  assert.deepEqual((await client.list(resources.deployments)).items, []);
});
