import assert from "node:assert/strict";
import { test } from "node:test";
import { renderSystemdUnit } from "./launch.ts";

test("renderSystemdUnit: networks before the supervisor; what it starts outlives it", () => {
  const text = renderSystemdUnit({
    cluster: "demo",
    clusterFolder: "/var/lib/slipway/clusters/demo",
    argv: ["/opt/my node/bin/node", "/x/process.cjs", "supervisor", "/var/lib/slipway/clusters/demo"],
    prepareArgv: ["/usr/bin/env", "A=50% $HOME", "node"],
  });
  assert.match(text, /^ExecStartPre="\/usr\/bin\/env" "A=50%% \$\$HOME" "node"$/m);
  assert.match(text, /^ExecStart="\/opt\/my node\/bin\/node" "\/x\/process\.cjs" "supervisor" "\/var/m);
  assert.match(text, /^KillMode=process$/m);
  assert.match(text, /^WantedBy=multi-user\.target$/m);
});
