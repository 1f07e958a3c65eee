#!/usr/bin/env node
// Stands in for OpenTofu where its driver's error paths are tested: does what its first argument's scene says.

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const scenes = {
  version: () => say({ terraform_version: process.env.FAKE_TOFU_VERSION ?? "1.9.0" }),
  apply() {
    say({ type: "version", ui: "1.0" });
    say({ type: "apply_start", hook: { resource: { addr: "aws_vpc.cluster" }, action: "create" } });
    say({ type: "apply_complete", hook: { resource: { addr: "aws_vpc.cluster" }, action: "create" } });
    say({ type: "change_summary", changes: { add: 1, change: 0, remove: 0 } });
  },
  destroy() {
    const range = { filename: "network.tf.json", start: { line: 12 } };
    const summary = "deleting EC2 VPC (vpc-1): DependencyViolation";
    say({ type: "diagnostic", diagnostic: { severity: "warning", summary: "old", detail: "" } });
    say({
      type: "diagnostic",
      diagnostic: { severity: "error", summary, detail: "It is in use.\nMore.", address: "aws_vpc.cluster", range },
    });
    process.exitCode = 1;
  },
  init() {
    process.stderr.write("Error: could not query available provider packages: no such host\n");
    process.exitCode = 1;
  },
  hang() {
    process.on("SIGINT", () => process.exit(1));
    setInterval(() => {}, 1000);
    say({ type: "apply_start", hook: { resource: { addr: "aws_vpc.cluster" }, action: "create" } });
  },
};
scenes[process.argv[2]]();
