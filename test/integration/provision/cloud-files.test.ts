// The files for each cloud against their golden copies in test/fixtures/tofu, and against what the providers published.
// UPDATE_GOLDEN=1 writes the copies anew: read the difference before you commit it.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { effectOf, type FieldEffect, resolveConfig } from "#config";
import { type Cloud, cloudInput, clouds, renderDocument, type TofuFiles } from "#provision";
import { machineSpecs } from "#turnup";
import { checkDocuments, readSchemas } from "../../support/tofu/check-documents.ts";
import { cloudScenes } from "../../support/tofu/scenes.ts";

const fixtures = join(import.meta.dirname, "../../fixtures/tofu");

function filesOf(cloud: Cloud, scene: string): TofuFiles {
  const config = resolveConfig(cloudScenes[cloud.name]!.scenes[scene]!);
  const specs = machineSpecs(config, { existing: [] });
  const input = cloudInput(config, specs);
  // The first one has user data, as it has while it is made.
  const machines = input.machines.map((machine, index) =>
    index === 0 ? { ...machine, userData: `user-data/${machine.name}.yaml` } : machine,
  );
  return cloud.files({ ...input, machines });
}

for (const cloud of clouds) {
  const { name } = cloud;
  const { plugin, scenes } = cloudScenes[name]!;
  const schemas = readSchemas(plugin);
  for (const scene of Object.keys(scenes)) {
    test(`${name} ${scene}: as its golden files, and as the provider's schemas have it`, () => {
      const files = filesOf(cloud, scene);
      assert.deepEqual(checkDocuments(files, schemas), []);
      const folder = join(fixtures, name, scene);
      if (process.env["UPDATE_GOLDEN"]) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder, { recursive: true });
        for (const [file, document] of Object.entries(files))
          writeFileSync(join(folder, file), renderDocument(document));
      }
      assert.deepEqual(readdirSync(folder).toSorted(), Object.keys(files).toSorted());
      for (const [file, document] of Object.entries(files)) {
        assert.equal(renderDocument(document), readFileSync(join(folder, file), "utf8"), file);
      }
    });
  }

  test(`${name}: the provider is pinned to the version that the schemas are of`, () => {
    const text = JSON.stringify(filesOf(cloud, "small")["terraform.tf.json"]);
    assert.ok(text.includes(`"version":"${schemas.provider.version}"`), text);
  });
}

test("cloud files: a private cluster has no public load balancer, and machines no public address", () => {
  const [onAws, onGcp] = ["aws", "gcp"].map((name) => filesOf(clouds.find((cloud) => cloud.name === name)!, "private"));
  assert.deepEqual(Object.keys(onAws!["load-balancer.tf.json"]!.resource!["aws_lb"]!), ["api_internal"]);
  assert.match(renderDocument(onAws!["machines.tf.json"]!), /"associate_public_ip_address": false/);
  assert.doesNotMatch(renderDocument(onGcp!["machines.tf.json"]!), /access_config/);
});

test("cloud files: a machine keeps its zone when others come and go", () => {
  const config = resolveConfig({ infrastructure: { provider: "aws", region: "eu-central-1" } });
  const specs = (numbers: readonly number[]) =>
    numbers.map((number) => ({ name: `dev-worker-${number}`, role: "worker" as const, pool: "worker" }));
  const zones = (numbers: readonly number[]) =>
    Object.fromEntries(cloudInput(config, specs(numbers)).machines.map(({ name, zone }) => [name, zone]));
  assert.deepEqual(zones([1, 2, 3, 4]), {
    "dev-worker-1": "a",
    "dev-worker-2": "b",
    "dev-worker-3": "c",
    "dev-worker-4": "a",
  });
  assert.deepEqual(zones([2, 3]), { "dev-worker-2": "b", "dev-worker-3": "c" });
});

test("cloud files: a change is told to want new machines just where the cloud makes them anew for it", () => {
  for (const { name, machine } of clouds) {
    if (!machine) continue;
    const config = resolveConfig(cloudScenes[name]!.scenes["large"]!);
    for (const field of ["type", "cpus", "memoryGB", "diskGB", "spot", "zone"] as const) {
      const wanted: FieldEffect = machine.replacedFor.includes(field) ? "new machines" : "in place";
      for (const part of ["controlPlane", "workers", "pools.batch"]) {
        const path = `infrastructure.${part}.${field === "zone" ? "zones[0]" : field}`;
        assert.equal(effectOf({ path }, config), wanted, `${name}: ${path}`);
      }
    }
  }
});

test("cloud files: EKS is asked for a minor version, whatever is wished for", () => {
  const infrastructure = { provider: "eks", region: "eu-central-1" } as const;
  const input = cloudInput(resolveConfig({ infrastructure, kubernetesVersion: "v1.36.2" }), []);
  const files = clouds.find(({ name }) => name === "eks")!.files(input);
  const { version } = files["control-plane.tf.json"]!.resource!["aws_eks_cluster"]!["cluster"]!;
  assert.equal(version, "1.36");
});

test("checkDocuments: finds what is wrong", () => {
  const files: TofuFiles = {
    "x.tf.json": {
      "//": "",
      resource: {
        aws_vpc: { a: { cidr: "x", enable_dns_support: "yes" } },
        aws_subnet: { b: { vpc_id: "${aws_vpc.c.id}" } },
        aws_lb_listener: { l: { port: 1 } },
      },
      locals: { a: "${aws_vpc.a.arm} ${local.none}" },
    },
  };
  assert.deepEqual(checkDocuments(files, readSchemas("aws")), [
    "aws_vpc.a.cidr: there is no such argument",
    'aws_vpc.a.enable_dns_support: must be a boolean, not "yes"',
    "aws_lb_listener.l: load_balancer_arn is missing",
    "aws_lb_listener.l: default_action is missing",
    "aws_vpc.c is not declared",
    "aws_vpc.a has no attribute arm",
    "local.none is not declared",
  ]);
});
