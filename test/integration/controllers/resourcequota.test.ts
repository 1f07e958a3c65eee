import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { type Pod, type ResourceQuota, resources } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";
import { runPods } from "../../support/cluster/test-kubelet.ts";

const namespace = "default";

const pod = (name: string): Pod => ({
  metadata: { name, namespace },
  spec: { containers: [{ name: "c", image: "x", resources: { requests: { cpu: "500m" }, limits: { cpu: "1" } } }] },
});

test("ResourceQuota: counts what there is, and gives back what ends or goes", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers: ["resourcequota"], clock });
  const { client, until } = cluster;
  const kubelet = await runPods(cluster, { clock });
  for (const name of ["a", "b"]) await client.create(resources.pods, pod(name));
  await client.create(resources.configMaps, { metadata: { name: "c", namespace } });
  const hard = { pods: "10", "requests.cpu": "4", "limits.cpu": "8", configmaps: "5", "count/configmaps": "5" };
  await client.create(resources.resourceQuotas, { metadata: { name: "q", namespace }, spec: { hard } });
  const isUsed = (used: Record<string, string>) =>
    until(resources.resourceQuotas, ([quota]: readonly ResourceQuota[]) => {
      return isDeepStrictEqual(quota?.status?.used, used) && isDeepStrictEqual(quota?.status?.hard, hard);
    });
  const maps = { configmaps: "1", "count/configmaps": "1" };
  await isUsed({ pods: "2", "requests.cpu": "1", "limits.cpu": "2", ...maps });
  await client.create(resources.pods, pod("d"));
  await isUsed({ pods: "3", "requests.cpu": "1500m", "limits.cpu": "3", ...maps });
  const [first] = await until(resources.pods, ([found]) => found?.status?.phase === "Running");
  await kubelet.set(first!, "succeeded");
  await isUsed({ pods: "2", "requests.cpu": "1", "limits.cpu": "2", ...maps });
  await client.delete(resources.pods, { namespace, name: "d" });
  await client.delete(resources.configMaps, { namespace, name: "c" });
  await isUsed({
    pods: "1",
    "requests.cpu": "500m",
    "limits.cpu": "1",
    configmaps: "0",
    "count/configmaps": "0",
  });
});

test("ResourceQuota: what somebody else wrote is put right within minutes", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers: ["resourcequota"], clock });
  const { client, until, rest } = cluster;
  const key = { namespace, name: "q" };
  await client.create(resources.resourceQuotas, { metadata: key, spec: { hard: { secrets: "5" } } });
  await until(resources.resourceQuotas, ([quota]) => quota?.status?.used?.["secrets"] === "0");
  const body = { status: { used: { secrets: "4" } } };
  await client.patch(resources.resourceQuotas, key, { type: "merge", body }, { subresource: "status" });
  await rest();
  await clock.advance(5 * 60_000);
  await until(resources.resourceQuotas, ([quota]) => quota?.status?.used?.["secrets"] === "0");
});
