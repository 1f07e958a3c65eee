import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { CommandSpec } from "../machine-description.ts";
import { bootstrapFolder, hashDescription, parseReport } from "../report.ts";
import type { UnitSpec } from "../supervisor/unit.ts";
import { renderBootstrapScript } from "./bootstrap-script.ts";
import { quoteWords } from "./quote-shell.ts";

/** Runs the script of these commands with a folder of its own. */
function run(t: TestContext, commands: readonly CommandSpec[], shell = "sh") {
  const folder = mkdtempSync(join(tmpdir(), "slipway-runner-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const description = { files: [], commands, units: [] };
  const script = renderBootstrapScript(description).replaceAll(bootstrapFolder, folder);
  const result = spawnSync(shell, ["-c", script], { encoding: "utf8" });
  const report = parseReport(readFileSync(join(folder, "report.json"), "utf8"))!;
  return { folder, result, report, hash: hashDescription(description) };
}

test("runner: runs commands in order with their arguments as they are, and reports each", (t) => {
  const words = ["it's", "$HOME `id` \\", '"q"', "two\nlines", " ", "", "ü→😀", "*", "-n", "a;b&&c|d>e", "tab\t."];
  const { result, report, hash } = run(t, [
    { title: "Say 'words'", argv: ["printf", "<%s>", ...words] },
    { argv: ["sh", "-c", "echo to stderr >&2"] },
  ]);
  assert.equal(result.status, 0, result.stderr);
  assert.equal(report.description, hash);
  assert.equal(report.state, "done");
  assert.ok(Date.parse(report.startedAt) > 0);
  const [first, second] = report.commands;
  assert.equal(first!.title, "Say 'words'");
  assert.equal(first!.output, words.map((word) => `<${word}>`).join(""));
  assert.ok(first!.ms >= 0 && first!.ms < 60_000);
  assert.deepEqual([second!.title, second!.output], ["sh -c echo to stderr >&2", "to stderr"]);
});

test("runner: stops at the first failure, with its exit code and the end of what it said", (t) => {
  const { result, report } = run(t, [
    { argv: ["true"] },
    {
      title: "Fail",
      argv: ["sh", "-c", "seq 1 5000; echo 'no \"luck\" \\ here'; printf '\\001\\033[1m\\377'; exit 7"],
    },
    { argv: ["true"] },
  ]);
  assert.equal(result.status, 7);
  assert.match(result.stdout, /» Fail: exit code 7/);
  assert.equal(report.state, "failed");
  assert.deepEqual(
    report.commands.map(({ exitCode }) => exitCode),
    [0, 7],
  );
  const { output } = report.commands[1]!;
  assert.ok(output.length <= 4096 && output.startsWith("\n") === false);
  assert.match(output, /5000\nno "luck" \\ here\n\[1m/);
});

test("runner: what is there is not made again; a command that is not there is a failure, too", (t) => {
  const present = join(tmpdir(), ".");
  const { report } = run(t, [{ title: "Never", argv: ["false"], creates: present }, { argv: ["/nowhere/program"] }]);
  assert.deepEqual(report.commands[0], { title: "Never", exitCode: 0, ms: 0, output: "", skipped: true });
  assert.equal(report.commands[1]!.exitCode, 127);
});

test("runner: other shells do the same", (t) => {
  for (const shell of ["dash", "bash"]) {
    if (spawnSync(shell, ["-c", "true"]).error) continue;
    const { report } = run(t, [{ argv: ["echo", "\\n %s"] }], shell);
    assert.equal(report.commands[0]!.output, "\\n %s", shell);
  }
});

test("runner: fetches what has the digest, or the one in the publisher's list, and nothing else", (t) => {
  const source = mkdtempSync(join(tmpdir(), "slipway-artifacts-"));
  t.after(() => rmSync(source, { recursive: true }));
  // What curl understands without a server.
  if (spawnSync("curl", ["--version"]).error) return t.skip("curl is not installed");
  writeFileSync(join(source, "kube+let"), "program");
  writeFileSync(join(source, "list"), `${"0".repeat(64)}  other\n${programDigest} *kube+let\n`);
  const attempt = (digest: string | undefined, checksumUrl?: string) => {
    const target = mkdtempSync(join(tmpdir(), "slipway-machine-"));
    t.after(() => rmSync(target, { recursive: true }));
    const path = join(target, "bin", "kubelet");
    const artifacts = [{ name: "kubelet", path, mode: 0o755 }];
    const url = `file://${source}/kube%2Blet`;
    const origin = () =>
      ({
        name: "kubelet",
        kind: "program",
        version: "1",
        url,
        ...(digest && { digest }),
        ...(checksumUrl && { checksumUrl }),
      }) as const;
    const script = renderBootstrapScript({ artifacts, files: [], commands: [], units: [] }, { origin });
    const result = spawnSync("sh", ["-c", script.replaceAll(bootstrapFolder, join(target, "state"))], {
      encoding: "utf8",
    });
    return { result, path };
  };
  const fine = attempt(`sha256:${programDigest}`);
  assert.equal(fine.result.status, 0, fine.result.stdout);
  assert.equal(readFileSync(fine.path, "utf8"), "program");
  assert.equal(attempt(undefined, `file://${source}/list`).result.status, 0);
  const other = attempt(`sha256:${"0".repeat(64)}`);
  assert.notEqual(other.result.status, 0);
  assert.throws(() => readFileSync(other.path));
  assert.match(attempt(undefined, `file://${source}/kube%2Blet`).result.stdout, /no checksum of kube\+let/);
  assert.throws(() => attempt(undefined), /Cannot let the machine fetch kubelet/);
});

const programDigest = "1310ca2c8932dbd118668bd97442558a3e1f546b5e15c69699dfbd6024f548d8";

test("quoteWords: a word with a NUL is none", () => {
  assert.equal(quoteWords(["a", "b c", ""]), "a 'b c' ''");
  assert.throws(() => quoteWords(["\0"]), /holds a NUL/);
});

test("runner: a unit that does not start gets a second try; then its journal says why", (t) => {
  const bin = mkdtempSync(join(tmpdir(), "slipway-runner-bin-"));
  t.after(() => rmSync(bin, { recursive: true }));
  // It counts how often it was asked to start something.
  const script = `#!/bin/sh
[ "$1" = start ] || exit 0
echo x >>${bin}/starts
[ "$2" = weak ] && [ "$(wc -l <${bin}/starts)" -ge 2 ] && exit 0
echo "Job for $2.service failed" >&2
exit 1
`;
  writeFileSync(join(bin, "systemctl"), script, { mode: 0o755 });
  writeFileSync(join(bin, "journalctl"), '#!/bin/sh\necho "no address at $2"\n', { mode: 0o755 });
  const unitOf = (name: string): UnitSpec => ({ name, argv: ["/bin/true"], after: [], ready: { kind: "running" } });
  const run = (name: string) => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-runner-"));
    t.after(() => rmSync(folder, { recursive: true }));
    rmSync(join(bin, "starts"), { force: true });
    const rendered = renderBootstrapScript({ files: [], commands: [], units: [unitOf(name)] });
    const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
    spawnSync("sh", ["-c", rendered.replaceAll(bootstrapFolder, folder)], { encoding: "utf8", env });
    return parseReport(readFileSync(join(folder, "report.json"), "utf8"))!;
  };
  assert.equal(run("weak").state, "done");
  const report = run("agent");
  assert.equal(report.state, "failed");
  assert.match(report.commands.at(-1)!.output, /^(Job for agent\.service failed\n){2}no address at agent\n?$/);
});

test("runner: the report may call the description by another hash", (t) => {
  const description = { files: [], commands: [], units: [] };
  const folder = mkdtempSync(join(tmpdir(), "slipway-runner-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const script = renderBootstrapScript(description, { descriptionHash: "ab".repeat(32) });
  spawnSync("sh", ["-c", script.replaceAll(bootstrapFolder, folder)]);
  assert.equal(parseReport(readFileSync(join(folder, "report.json"), "utf8"))!.description, "ab".repeat(32));
});
