import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { startSession } from "../../test-session.ts";

test("store restore: refused where the data is not on this machine", async (t) => {
  const { run, pretendCluster, folder } = startSession(t);
  writeFileSync(join(folder, "data"), "");
  await pretendCluster("remote", { infrastructure: { provider: "nspawn" } });
  await pretendCluster("managed", { infrastructure: { provider: "eks", region: "eu-central-1" } });
  for (const name of ["remote", "managed"]) {
    const { code, err } = await run("store", "restore", "data", "--name", name);
    assert.equal(code, exitCodes.config);
    assert.match(err, new RegExp(`Cannot restore cluster ${name}: its data is not on this machine`));
  }
});
