import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, resolveConfig } from "./read-config.ts";
import type { ConfigDraft } from "./set-value.ts";
import { writeConfig } from "./write-config.ts";

const drafts: Readonly<Record<string, ConfigDraft>> = {
  nothing: {},
  "a few": { name: "demo", workers: [{ count: 3 }], network: { podCIDR: "10.1.0.0/16" } },
  simulated: { infrastructure: { provider: "local", simulated: true }, workers: [] },
  deep: {
    kubernetesVersion: "1.36",
    controlPlane: { controllers: ["*", "-job"], taints: [], labels: { "example.com/on": "true" } },
    workers: [
      { name: "a", count: 1, taints: [{ key: "gpu", effect: "NoSchedule" }], capacity: { cpu: "500m", pods: 20 } },
      { name: "b", labels: { zone: "1" } },
    ],
    addons: [{ name: "dns", values: { "#": "a: b" } }],
  },
};

for (const [name, draft] of Object.entries(drafts)) {
  test(`writeConfig: reads back as it was meant (${name})`, () => {
    assert.deepEqual(readConfig(writeConfig(draft), "test").config, resolveConfig(draft));
  });
}

test("writeConfig: what is commented out are the defaults: with all of them in place the file means the same", () => {
  const text = writeConfig({ workers: [{ count: 3 }] });
  // As an editor takes the comments off a section: fields, and the comments in it, begin with blanks or have a colon.
  const all = text.replaceAll(/^( *)# (?= |\w+:)/gm, "$1");
  assert.match(all, /^ {2}replicas: 1$/m);
  assert.deepEqual(readConfig(all, "test").config, resolveConfig({ workers: [{ count: 3 }] }));
});

test("writeConfig: for people", () => {
  const text = writeConfig({ name: "demo", workers: [{ count: 3 }] });
  assert.match(
    text,
    /^# A cluster as slipway turns it up\. .*\napiVersion: slipway\.dev\/v1alpha1\nkind: Cluster\n\n# Name of/,
  );
  assert.match(text, /\n# Pools of equal worker nodes\.\nworkers:\n {2}# How many machines\.\n {2}- count: 3\n/);
  assert.match(text, /\n# Addresses and names\.\n# network:\n#.*\n# {3}podCIDR: 10\.244\.0\.0\/16\n/);
  assert.match(
    text,
    /\n {2}# Name of the add-on: in the catalogue, or with a source any name of your own\.\n {2}- name: dns\n {2}- name: storage\n/,
  );
});
