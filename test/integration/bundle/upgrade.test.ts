// An upgrade that is given a bundle: enough for every version to come or refused, and given back when the upgrade is given up.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { type UpgradeState, writeUpgrade } from "../../../src/cli/upgrade/upgrade-state.ts";
import { optionsOf, startBundleSession } from "../../support/bootstrap/bundle-session.ts";

const machines = ["demo-control-plane-1", "demo-worker-1"];

function stateOf(...versions: string[]): UpgradeState {
  const hop = { controlPlanes: [machines[0]!], workers: [[machines[1]!]], replacements: [] };
  const hops = versions.map((version) => ({ version, ...hop }));
  const target = versions.at(-1)!;
  return {
    from: "1.34.99",
    target,
    started: "2026-01-01T00:00:00Z",
    hops,
    machines,
    cordoned: [],
    choices: { drain: true },
  };
}

test("upgrade --bundle: enough for every version, or refused; given up, the cluster has the bundle of before", async (t) => {
  const { publishers, session, configure } = await startBundleSession(t);
  const before = optionsOf("kubeadm", { kubernetesVersion: "1.34.99", addons: [] });
  configure(before, "old.yaml");
  configure({ ...before, kubernetesVersion: "1.36.99" }, "new.yaml");
  const create = (...words: string[]) => session.run("bundle", "create", ...words);
  assert.equal((await create("old.tar", "--config", "old.yaml")).code, exitCodes.ok);
  assert.equal((await create("new.tar", "--config", "new.yaml")).code, exitCodes.ok);
  const all = await create("all.tar", "--config", "new.yaml", "--with-version", "1.35.99");
  assert.equal(all.code, exitCodes.ok, all.err);
  publishers.cutOff();
  publishers.asked.length = 0;

  await session.pretendCluster("demo", before);
  const paths = clusterPaths(session.home, "demo");
  const versionThere = () => JSON.parse(readFileSync(join(paths.bundle, "index.json"), "utf8")).kubernetesVersion;
  assert.equal((await session.run("bundle", "install", "old.tar")).code, exitCodes.ok);
  await writeUpgrade(paths, stateOf("1.35.99", "1.36.99"));

  const refused = await session.run("upgrade", "--bundle", "new.tar");
  assert.equal(refused.code, exitCodes.config, refused.err);
  assert.match(refused.err, /Cannot use bundle new\.tar for cluster demo.*program kubeadm-1\.35\.99-linux-amd64/s);
  assert.equal(versionThere(), "1.34.99");

  // No machine of this cluster is there: it stops where the first would be worked on.
  const taken = await session.run("upgrade", "--bundle", "all.tar");
  assert.notEqual(taken.code, exitCodes.ok);
  assert.match(taken.err, /bundle all\.tar is whole, and enough/);
  assert.equal(versionThere(), "1.36.99");
  const undone = await session.run("upgrade", "--undo");
  assert.equal(undone.code, exitCodes.ok, undone.err);
  assert.equal(versionThere(), "1.34.99");
  assert.deepEqual(publishers.asked, []);
});
