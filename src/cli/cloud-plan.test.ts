import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { exec } from "#shared";
import { isOnCloud, planCloud } from "./cloud-plan.ts";
import { type CliContext, thisInstallation } from "./context.ts";

const config = resolveConfig({
  name: "demo",
  infrastructure: { provider: "gcp", project: "harbour-1", region: "europe-west3" },
});

function createContext(folder: string): CliContext & { text(): string } {
  let out = "";
  return {
    out: (text) => {
      out += text;
    },
    err: () => {},
    text: () => out,
    isTerminal: false,
    colours: false,
    columns: () => 100,
    environment: { SLIPWAY_HOME: join(folder, "home") },
    folder,
    programs: thisInstallation,
    fetch,
    exec,
    signal: new AbortController().signal,
  } as CliContext & { text(): string };
}

test("planCloud: shows machines and resources; writes the files where that is asked for", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-cloud-"));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.ok(isOnCloud(config));
  assert.ok(!isOnCloud(resolveConfig({})));
  const shown = createContext(folder);
  await planCloud(config, shown, {});
  assert.match(shown.text(), /^demo-control-plane-1 +a +e2-standard-2 +50 GB +create +is not there$/m);
  assert.match(shown.text(), /^google_compute_forwarding_rule +api_public +create +is not there$/m);
  assert.match(shown.text(), /^Cluster demo on gcp in europe-west3, 3 machines: \d+ to create\.$/m);
  assert.deepEqual(readdirSync(folder), []);

  const written = createContext(folder);
  await planCloud(config, written, { json: true, write: "tofu" });
  assert.equal(JSON.parse(written.text()).machines.length, 3);
  const outputs = JSON.parse(readFileSync(join(folder, "tofu/outputs.tf.json"), "utf8"));
  assert.ok(outputs.output.api_endpoint);
});
