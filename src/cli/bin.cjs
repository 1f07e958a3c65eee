#!/usr/bin/env node
// The command as npm installs it.
"use strict";
if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error(
    `slipway: Cannot start: Node 24 or newer is needed, this is ${process.versions.node}. Install it and run again.`,
  );
  process.exit(1);
}
require("./load.cjs")("slipway");
