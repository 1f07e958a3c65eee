import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { load } from "js-yaml";
import { parse } from "yaml";
import type { FileSpec, MachineDescription } from "../machine-description.ts";
import { bootstrapFolder } from "../report.ts";
import { renderCloudInit } from "./cloud-init.ts";
import { renderIgnition } from "./ignition.ts";
import { contentBytes } from "./machine-files.ts";
import { renderShellScript } from "./shell-script.ts";

/** What YAML, shells and JSON like to take for something else. */
const traps = [
  "",
  "\n",
  "\n\n\n",
  " ",
  "  indented\nnot\n",
  "\tvalue: 1\n",
  "no",
  "yes",
  "~",
  "null",
  "0644",
  "0o17",
  "1_000",
  "12:30:45",
  "1e3",
  ".inf",
  "2026-01-01",
  "a: b # c",
  "- x\n- y\n",
  "%TAG ! x\n---\n...\n",
  "#!/bin/sh\necho \"$HOME\" 'it''s' `id` \\\n",
  "&anchor *alias !!tag |literal >folded",
  "trailing  \nspaces \t\n",
  "no end of line",
  "END\nEND_\n",
  "{{ jinja }} {% if %} ${var}\n",
  "\r\nwindows\r\n",
  "bell\u0007 escape\u001b[1m nul\0\n",
  "ünïcödé → 😀 \u2028 \ufeff \u0085\n",
  "x".repeat(5000),
  `${"long words ".repeat(400)}\n`,
  "\t…$xB\naEND\n]{END\n \n\n>0  {$x- : >- é",
];

const binary = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** The same numbers in every run. */
function pseudoRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

function randomText(random: () => number): string {
  const pieces = [
    " ",
    "\n",
    "\t",
    ":",
    "- ",
    "'",
    '"',
    "#",
    "\\",
    "a",
    "B",
    "0",
    "|",
    ">",
    "{",
    "]",
    "é",
    "…",
    "$x",
    "END\n",
  ];
  return Array.from({ length: Math.floor(random() * 40) }, () => pieces[Math.floor(random() * pieces.length)]).join("");
}

function trickyFiles(): FileSpec[] {
  const random = pseudoRandom(7);
  const contents = [...traps, binary, ...Array.from({ length: 200 }, () => randomText(random))];
  const modes = [undefined, 0o600, 0o755, 0o444, 0o4755];
  return contents.map((content, index) => {
    const mode = modes[index % modes.length];
    return { path: `/t/it's ${index}: "x" é`, content, ...(mode !== undefined && { mode }), secret: index === 0 };
  });
}

const description: MachineDescription = {
  packages: ["containerd", "conntrack"],
  files: trickyFiles(),
  commands: [{ argv: ["echo", 'it\'s\n"$HOME" ü'], title: "Say: 'hello' #1" }],
  units: [{ name: "sleeper", argv: ["/bin/sleep", "infinity"], after: [], ready: { kind: "running" } }],
};

function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-render-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Whether the tool is here; if not, the test says so and is skipped. */
function hasTool(t: TestContext, tool: string, packageName: string): boolean {
  if (!spawnSync(tool, ["--version"]).error) return true;
  t.skip(`${tool} is not installed (package ${packageName})`);
  return false;
}

interface WrittenFile {
  readonly path: string;
  readonly permissions: string;
  readonly encoding?: string;
  readonly content: string;
}

function decode({ encoding, content }: WrittenFile): Buffer {
  if (encoding === undefined) return Buffer.from(content, "utf8");
  const bytes = Buffer.from(content, "base64");
  return encoding === "gz+b64" ? gunzipSync(bytes) : bytes;
}

test("renderCloudInit: every file comes back byte for byte, by two YAML parsers", () => {
  for (const compact of [false, true]) {
    const text = renderCloudInit(description, { compact });
    for (const document of [parse(text, { version: "1.1" }), load(text)]) {
      const { write_files: files } = document as { write_files: WrittenFile[] };
      for (const [index, spec] of description.files.entries()) {
        assert.equal(files[index]!.path, spec.path);
        assert.equal(files[index]!.permissions, (spec.mode ?? 0o644).toString(8).padStart(4, "0"));
        assert.deepEqual(decode(files[index]!), contentBytes(spec), `file ${index}`);
      }
      assert.equal(files.at(-2)!.path, "/etc/systemd/system/sleeper.service");
      assert.equal(files.at(-1)!.path, `${bootstrapFolder}/bootstrap.sh`);
    }
  }
});

test("renderCloudInit: compact is small, and readable where it is not asked to be", () => {
  const files = [{ path: "/etc/long", content: "the same line again\n".repeat(500) }];
  const small = { files, commands: [], units: [] };
  assert.ok(renderCloudInit(small, { compact: true }).length < 4000);
  assert.match(renderCloudInit(small), /the same line again/);
});

test("renderCloudInit: cloud-init takes it", (t) => {
  if (!hasTool(t, "cloud-init", "cloud-init")) return;
  const file = join(tempFolder(t), "user-data");
  writeFileSync(file, renderCloudInit(description));
  const { status, stdout, stderr } = spawnSync("cloud-init", ["schema", "--config-file", file], { encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(`${stdout}${stderr}`, /Valid/);
});

test("renderIgnition: every file comes back byte for byte, and one unit runs the script", () => {
  const { storage, systemd } = JSON.parse(renderIgnition(description));
  for (const [index, spec] of description.files.entries()) {
    const { path, mode, contents } = storage.files[index];
    assert.deepEqual([path, mode], [spec.path, spec.mode ?? 0o644]);
    const bytes = Buffer.from(contents.source.replace("data:;base64,", ""), "base64");
    assert.deepEqual(contents.compression === "gzip" ? gunzipSync(bytes) : bytes, contentBytes(spec));
  }
  const [unit] = systemd.units;
  assert.match(unit.contents, /ExecStart=\/bin\/sh \/var\/lib\/slipway\/bootstrap\/bootstrap\.sh/);
});

test("renderIgnition: ignition-validate takes it", (t) => {
  if (!hasTool(t, "ignition-validate", "ignition")) return;
  const { status, stdout, stderr } = spawnSync("ignition-validate", ["-"], {
    input: renderIgnition(description),
    encoding: "utf8",
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
});

test("renderShellScript: writes every file byte for byte, with its mode", (t) => {
  const folder = tempFolder(t);
  // Each costs a few processes.
  const files = description.files.slice(0, 50).map((file) => ({ ...file, path: join(folder, file.path) }));
  const script = renderShellScript({ files, commands: [], units: [] }).replaceAll(bootstrapFolder, `${folder}/state`);
  const { status, stderr } = spawnSync("sh", { input: script, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  for (const file of files) {
    assert.deepEqual(readFileSync(file.path), contentBytes(file), file.path);
    assert.equal(statSync(file.path).mode & 0o7777, file.mode ?? 0o644, file.path);
  }
});

test("renderShellScript: to be read, it is without what is secret", () => {
  const files = [{ path: "/etc/key", content: "geheim\n", mode: 0o600, secret: true }];
  const text = renderShellScript({ files, commands: [], units: [] }, { hideSecrets: true });
  assert.doesNotMatch(text, /geheim/);
  assert.match(text, /# write "\/etc\/key" 0600: secret/);
});
