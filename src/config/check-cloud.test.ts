import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "./config-problem.ts";
import { resolveConfig } from "./read-config.ts";

const aws = { provider: "aws", region: "eu-central-1" } as const;

function problemsOf(...[input]: Parameters<typeof resolveConfig>): string[] {
  try {
    resolveConfig(input);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map(({ path, message }) => `${path.join(".")}: ${message}`);
  }
}

test("aws, gcp: a region (and a project) are enough", () => {
  const { infrastructure, controlPlane } = resolveConfig({ infrastructure: aws, controlPlane: { replicas: 3 } });
  assert.ok(infrastructure.provider === "aws");
  assert.equal(controlPlane.replicas, 3);
  assert.deepEqual(infrastructure.zones, ["a", "b", "c"]);
  assert.deepEqual(infrastructure.controlPlane, { type: "t3.large", diskGB: 50 });
  assert.deepEqual(infrastructure.access, { api: ["0.0.0.0/0"], ssh: [], jumpHosts: [] });
  assert.deepEqual(
    problemsOf({ infrastructure: { provider: "gcp", project: "harbour-1", region: "europe-west3" } }),
    [],
  );
});

const azure = { provider: "azure", region: "germanywestcentral" } as const;
const vsphere = {
  provider: "vsphere",
  server: "vcenter.example.org",
  datacenter: "Hamburg",
  datastore: "fast 1",
  template: "debian-12",
  zones: ["Cluster 1"],
  network: { name: "VM Network", cidr: "10.20.0.0/24" },
};

test("azure, vsphere, openstack, eks: what each cannot do without", () => {
  assert.deepEqual(problemsOf({ infrastructure: azure }), [
    "infrastructure.sshPublicKey: is required with provider azure: it makes no machine that nobody can open",
  ]);
  assert.deepEqual(problemsOf({ infrastructure: vsphere as never }), []);
  assert.match(problemsOf({ infrastructure: vsphere as never, controlPlane: { replicas: 3 } })[0]!, /virtualAddress/);
  const openstack = { provider: "openstack", externalNetwork: "public" } as const;
  assert.deepEqual(problemsOf({ infrastructure: openstack, controlPlane: { replicas: 3 } }), []);
  const bare = { ...openstack, loadBalancer: "none" } as const;
  assert.match(problemsOf({ infrastructure: bare, controlPlane: { replicas: 3 } })[0]!, /virtualAddress/);
  assert.deepEqual(
    problemsOf({ infrastructure: { provider: "eks", region: "eu-central-1" }, controlPlane: { replicas: 3 } }),
    ["controlPlane.replicas: must not be given with provider eks, which runs it"],
  );
});

test("checkCloud: pools, zones and names", () => {
  const problems = problemsOf({
    name: "1st",
    infrastructure: {
      ...aws,
      zones: ["a", "b", "b"],
      workers: { zones: ["d"] },
      pools: { wroker: { type: "t3.xlarge" } },
    },
  });
  assert.deepEqual(problems, [
    'infrastructure.pools.wroker: is not the name of a pool in workers, did you mean "worker"?',
    'infrastructure.workers.zones.0: must be one of infrastructure.zones (a, b, b), not "d"',
    'infrastructure.zones.2: "b" is there twice',
    "name: must start with a letter with provider aws",
  ]);
});

test("checkConfig: the machines' addresses must not meet those of pods and services", () => {
  const overlapping = problemsOf({ infrastructure: { ...aws, network: { cidr: "10.96.0.0/16" } } });
  assert.deepEqual(overlapping, ["network.serviceCIDR: must not overlap infrastructure.network.cidr"]);
  const narrow = problemsOf({ infrastructure: { ...aws, network: { cidr: "10.100.0.0/24" } } });
  assert.match(narrow[0]!, /must have a prefix between \/16 and \/22/);
});

test("clouds: texts that OpenTofu would take for an expression are refused", () => {
  const problems = problemsOf({ infrastructure: { ...aws, sshPublicKey: `ssh-ed25519 AAAA $\{file(1)}` } });
  assert.match(problems[0]!, /^infrastructure\.sshPublicKey: must be such as/);
});

test("aks: a first pool whose nodes stay and take any pod; names that stay apart and start with a letter", () => {
  const aks = { provider: "aks", region: "germanywestcentral" } as const;
  const first = [
    "workers: must have a pool of nodes without spot and without taints with provider aks, for its own pods",
  ];
  assert.deepEqual(problemsOf({ infrastructure: aks }), []);
  assert.deepEqual(problemsOf({ infrastructure: aks, workers: [] }), first);
  assert.deepEqual(problemsOf({ infrastructure: { ...aks, workers: { spot: true } } }), first);
  const taints = [{ key: "batch", effect: "NoSchedule" as const }];
  assert.deepEqual(problemsOf({ infrastructure: aks, workers: [{ taints }] }), first);
  const names = ["1st", "batch-jobs-large", "batch-jobs-largest", "rotating", "worker"];
  assert.deepEqual(problemsOf({ infrastructure: aks, workers: names.map((name) => ({ name })) }), [
    "workers.0.name: must start with a letter with provider aks",
    'workers.2.name: becomes "batchjobslar" on AKS, as does workers[1]',
    'workers.3.name: becomes "rotating" on AKS, as does the first pool while its machines change',
  ]);
});

test("eks: two zones or more", () => {
  const eks = { provider: "eks", region: "eu-central-1" } as const;
  assert.deepEqual(problemsOf({ infrastructure: { ...eks, zones: ["a"] } }), [
    "infrastructure.zones: must be two or more with provider eks: its control plane lies in two",
  ]);
  assert.deepEqual(problemsOf({ infrastructure: { ...eks, zones: ["a", "b"] } }), []);
});

test("checkConfig: a virtual address beside an endpoint is that very address", () => {
  const of = (endpoint: string) =>
    problemsOf({ infrastructure: vsphere as never, controlPlane: { endpoint, virtualAddress: "10.20.0.1" } });
  assert.deepEqual(of("10.20.0.1:6443"), []);
  assert.deepEqual(of("10.20.0.1"), []);
  assert.deepEqual(of("10.20.0.10:6443"), [
    "controlPlane.virtualAddress: must not be given beside an endpoint that is another address",
  ]);
});
