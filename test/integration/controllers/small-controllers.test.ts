import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { FakeClock } from "#shared";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

test("ttl: kubelets of a small cluster ask every time", async () => {
  await using cluster = await startTestCluster({ controllers: ["ttl"] });
  const { client, until } = cluster;
  await client.create(resources.nodes, { metadata: { name: "node-1" } });
  await until(resources.nodes, ([node]) => node?.metadata.annotations?.["node.alpha.kubernetes.io/ttl"] === "0");
});

test("service-cidr: a range is ready, and stays as long as services have addresses in it", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ controllers: ["service-cidr-controller"], clock });
  const { client, until, rest } = cluster;
  const readyOf = (status: string) =>
    until(resources.serviceCIDRs, (ranges) => {
      const range = ranges.find(({ metadata }) => metadata.name === "extra");
      return range?.status?.conditions?.some((one) => one.type === "Ready" && one.status === status);
    });
  await client.create(resources.serviceCIDRs, { metadata: { name: "extra" }, spec: { cidrs: ["10.200.0.0/24"] } });
  const ranges = await readyOf("True");
  const extra = ranges.find(({ metadata }) => metadata.name === "extra");
  assert.deepEqual(extra?.metadata.finalizers, ["networking.k8s.io/service-cidr-finalizer"]);
  const labels = {
    "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    "ipaddress.kubernetes.io/ip-family": "IPv4",
  };
  await client.create(resources.ipAddresses, {
    metadata: { name: "10.200.0.5", labels },
    spec: { parentRef: { resource: "services", namespace: "default", name: "web" } },
  });
  await rest();
  await client.delete(resources.serviceCIDRs, { name: "extra" });
  await readyOf("False");
  await client.delete(resources.ipAddresses, { name: "10.200.0.5" });
  await rest();
  await clock.advance(11_000);
  await until(resources.serviceCIDRs, (left) => !left.some(({ metadata }) => metadata.name === "extra"));
});

test("validatingadmissionpolicy-status: each generation is observed", async () => {
  await using cluster = await startTestCluster({ controllers: ["validatingadmissionpolicy-status-controller"] });
  const { client, until } = cluster;
  const resourceRules = [
    { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["deployments"] },
  ];
  await client.create(resources.validatingAdmissionPolicies, {
    metadata: { name: "small" },
    spec: { matchConstraints: { resourceRules }, validations: [{ expression: "object.spec.replicas <= 5" }] },
  });
  await until(resources.validatingAdmissionPolicies, ([policy]) => {
    return (
      policy?.metadata.generation !== undefined && policy.status?.observedGeneration === policy.metadata.generation
    );
  });
});

test("validatingadmissionpolicy-status: expressions are checked against the types of built-in and custom kinds", async () => {
  await using cluster = await startTestCluster({ controllers: ["validatingadmissionpolicy-status-controller"] });
  const { client, until } = cluster;
  const warningsOf = async (name: string, rule: object, expression: string) => {
    const resourceRules = [{ apiVersions: ["v1"], operations: ["CREATE"], ...rule }];
    await client.create(resources.validatingAdmissionPolicies, {
      metadata: { name },
      spec: { matchConstraints: { resourceRules }, validations: [{ expression }] },
    });
    const seen = await until(resources.validatingAdmissionPolicies, (policies) =>
      policies.some(({ metadata, status }) => metadata.name === name && status?.observedGeneration === 1),
    );
    const policy = seen.find(({ metadata }) => metadata.name === name);
    return (policy?.status?.typeChecking?.expressionWarnings ?? []).map(({ warning }) => warning);
  };
  const deployments = { apiGroups: ["apps"], resources: ["deployments"] };
  assert.deepEqual(await warningsOf("right", deployments, "object.spec.replicas > 1"), []);
  const [wrong] = await warningsOf("wrong", deployments, "object.spec.template.spec.containers.all(c, c.image > 1)");
  assert.match(wrong!, /^apps\/v1, Kind=Deployment: ERROR: .* applied to '\(string, int\)'/);

  const spec = { type: "object", properties: { size: { type: "integer" } } };
  await client.create(resources.customResourceDefinitions, {
    metadata: { name: "boats.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "boats", kind: "Boat" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
        },
      ],
    },
  });
  await until(resources.customResourceDefinitions, ([definition]) =>
    definition?.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True"),
  );
  const boats = { apiGroups: ["example.com"], resources: ["boats"] };
  const [unknown] = await warningsOf("custom", boats, "object.spec.sise > 1");
  assert.match(unknown!, /undefined field 'sise'/);
});
