import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfig } from "./check-config.ts";

const head = { apiVersion: "slipway.dev/v1alpha1", kind: "Cluster" };
const artifacts = "https://files.example/slipway/";

function problemsOf(more: object): string[] {
  const checked = checkConfig({ ...head, ...more });
  return "problems" in checked ? checked.problems.map(({ path, message }) => `${path.join(".")} ${message}`) : [];
}

test("bootstrap: machines are set up over SSH where nothing is said", () => {
  assert.deepEqual(checkConfig(head).config?.bootstrap, { workers: "ssh" });
});

test("bootstrap: user data, with a folder on a web server", () => {
  const { config } = checkConfig({
    ...head,
    infrastructure: { provider: "nspawn" },
    bootstrap: { workers: "user-data", artifacts },
  });
  assert.deepEqual(config?.bootstrap, { workers: "user-data", artifacts: "https://files.example/slipway" });
  assert.match(
    problemsOf({ bootstrap: { artifacts: "https://files.example/slipway?version=1" } }).join(),
    /^bootstrap\.artifacts must have neither \? nor #/,
  );
});

test("bootstrap: user data is refused where no machine would take it, or could not join by it", () => {
  const bootstrap = { workers: "user-data", artifacts };
  assert.deepEqual(problemsOf({ bootstrap }), [
    "bootstrap.workers must be ssh with provider local: no machine of it boots for the first time",
  ]);
  assert.match(
    problemsOf({ bootstrap, infrastructure: { provider: "gke", project: "p-12345", region: "europe-west3" } }).join(
      "\n",
    ),
    /bootstrap\.workers must be left out with provider gke, which makes the nodes itself/,
  );
  const gcp = { provider: "gcp", project: "p-12345", region: "europe-west3" };
  assert.match(
    problemsOf({ bootstrap, infrastructure: gcp }).join("\n"),
    /^infrastructure\.image must be one with cloud-init/,
  );
  assert.deepEqual(
    problemsOf({ bootstrap, infrastructure: { ...gcp, image: "ubuntu-os-cloud/ubuntu-2404-lts-amd64" } }),
    [],
  );
  const nspawn = { infrastructure: { provider: "nspawn" } };
  assert.deepEqual(problemsOf({ ...nspawn, bootstrap: { workers: "user-data" } }), [
    "bootstrap.artifacts is required with workers: user-data, for machines to fetch slipway's programs from",
  ]);
  assert.deepEqual(problemsOf({ ...nspawn, bootstrap, distribution: { type: "k3s" } }), [
    "bootstrap.workers must be ssh with distribution k3s: the token by which its agents join never ends",
  ]);
  assert.deepEqual(
    problemsOf({ ...nspawn, bootstrap: { workers: "user-data" }, distribution: { type: "kubeadm" } }),
    [],
  );
});
