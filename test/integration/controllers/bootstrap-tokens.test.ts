import assert from "node:assert/strict";
import { test } from "node:test";
import { resources, type Secret } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

function token(id: string, expiration: string): Secret {
  const data = { "token-id": id, "token-secret": "0123456789abcdef", "usage-bootstrap-signing": "true", expiration };
  return {
    metadata: { name: `bootstrap-token-${id}`, namespace: "kube-system" },
    type: "bootstrap.kubernetes.io/token",
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")])),
  };
}

test("bootstrap tokens: sign cluster-info as long as they are good", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers: ["bootstrapsigner", "tokencleaner"], clock });
  const { client, until, rest } = cluster;
  await client.create(resources.configMaps, {
    metadata: { name: "cluster-info", namespace: "kube-public" },
    data: { kubeconfig: "x" },
  });
  await client.create(resources.secrets, token("aaaaaa", "2026-01-01T00:01:00Z"));
  await client.create(resources.secrets, token("bbbbbb", "2026-01-01T00:02:00Z"));
  const keys = (...wanted: string[]) =>
    until(resources.configMaps, (maps) => {
      const info = maps.find(({ metadata }) => metadata.name === "cluster-info");
      assert.deepEqual(Object.keys(info?.data ?? {}).toSorted(), [...wanted, "kubeconfig"]);
      return true;
    });
  await keys("jws-kubeconfig-aaaaaa", "jws-kubeconfig-bbbbbb");
  await rest();
  await clock.advance(60_000);
  await keys("jws-kubeconfig-bbbbbb");
  const names = (await client.list(resources.secrets, { namespace: "kube-system" })).items.map(
    ({ metadata }) => metadata.name,
  );
  assert.deepEqual(names, ["bootstrap-token-bbbbbb"]);
});
