import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CommandFailedError, type Exec, exec, type UserError } from "#shared";
import { findTool, isOlder } from "./find-tool.ts";
import { readManifests } from "./read-manifests.ts";
import { renderHelm } from "./render-helm.ts";
import { renderKustomize } from "./render-kustomize.ts";

const { signal } = new AbortController();
const reader = { read: async () => Buffer.from("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: fetched }\n") };

function makeFolder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-sources-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const missing: Exec = async (argv) => {
  throw new CommandFailedError(argv, undefined, "", "", "ENOENT");
};

/** Answers by the beginning of the command; what it does not know is not installed. */
function fakeExec(answers: Readonly<Record<string, string>>, ran: string[][] = []): Exec {
  return async (argv, options) => {
    ran.push([...argv]);
    const found = Object.entries(answers).find(([words]) => argv.join(" ").startsWith(words));
    if (!found) return missing(argv, options);
    return { code: 0, stdout: found[1], stderr: "" };
  };
}

test("readManifests: a file, a folder in the order of its names, a URL; lists are unpacked, what servers set is left out", async (t) => {
  const object = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, uid: x }\nstatus: {}\n`;
  const folder = makeFolder(t, {
    "b.yaml": `${object("b")}---\n---\n${object("c")}`,
    "a/a.yml": `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n  metadata: { name: a }\n`,
    "readme.md": "no object",
  });
  const found = await readManifests({ manifests: folder }, reader, signal);
  assert.deepEqual(
    found.map(({ kind, metadata }) => [kind, metadata]),
    [
      ["Secret", { name: "a" }],
      ["ConfigMap", { name: "b" }],
      ["ConfigMap", { name: "c" }],
    ],
  );
  assert.ok(found.every((each) => each["status"] === undefined));
  const fetched = await readManifests({ manifests: "https://example.com/x.yaml" }, reader, signal);
  assert.equal(fetched[0]?.metadata.name, "fetched");
});

test("readManifests: what is wrong is said by file and object", async (t) => {
  const folder = makeFolder(t, {
    "broken.yaml": "a: [",
    "objects.yaml": "apiVersion: v1\nkind: Job\nmetadata: { generateName: x- }\n---\nkind: Job\n---\n- 1\n",
    "empty/readme.md": "",
  });
  const read = (name: string) => readManifests({ manifests: join(folder, name) }, reader, signal);
  await assert.rejects(read("broken.yaml"), /Cannot read \S+broken\.yaml: /);
  await assert.rejects(
    read("objects.yaml"),
    /object 1: Job has no metadata\.name; one that is generated cannot be found again; object 2: has no apiVersion; object 3: is no mapping/,
  );
  await assert.rejects(read("empty"), /holds no \.yaml, \.yml or \.json files/);
  await assert.rejects(read("nowhere"), /there is no such file or folder/);
});

test("renderKustomize: with the real tool, where there is one", async (t) => {
  const folder = makeFolder(t, {
    "kustomization.yaml": "namePrefix: my-\nresources: [x.yaml]\n",
    "x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }\n",
    "broken/kustomization.yaml": "resources: [gone.yaml]\n",
  });
  const kubectl = await findTool(exec, { argv: ["kubectl", "version", "--client"], oldest: "1.27" }, signal);
  if (!kubectl) return t.skip("kubectl is not installed");
  const objects = await renderKustomize(folder, exec, signal);
  assert.deepEqual(
    objects.map(({ metadata }) => metadata.name),
    ["my-x"],
  );
  await assert.rejects(renderKustomize(join(folder, "broken"), exec, signal), /Cannot build \S+ with .*gone\.yaml/);
});

test("renderKustomize: kustomize first, kubectl's else; neither, or one too old, is said", async (t) => {
  const folder = makeFolder(t, {});
  const ran: string[][] = [];
  const both = fakeExec(
    { "kustomize version": "v5.4.1", "kustomize build": "", "kubectl version": "Client Version: v1.32.4" },
    ran,
  );
  assert.deepEqual(await renderKustomize(folder, both, signal), []);
  assert.deepEqual(ran.at(-1), ["kustomize", "build", folder]);
  await assert.rejects(renderKustomize(folder, missing, signal), /neither kustomize nor kubectl is installed/);
  const old = fakeExec({ "kubectl version": "Client Version: v1.20.1" });
  await assert.rejects(
    renderKustomize(folder, old, signal),
    /Cannot use kubectl: it is 1\.20\.1, but 1\.27 or newer is needed/,
  );
  await assert.rejects(renderKustomize(join(folder, "gone"), both, signal), /there is no such folder/);
});

const options = { addon: "x", namespace: "apps", kubernetesVersion: "1.36.2", signal };
const rendered = `apiVersion: v1
kind: ConfigMap
metadata: { name: plain }
---
apiVersion: v1
kind: Pod
metadata: { name: check, annotations: { helm.sh/hook: test } }
`;
const hook = `---
apiVersion: batch/v1
kind: Job
metadata: { name: migrate, annotations: { helm.sh/hook: "pre-install,pre-upgrade" } }
`;

test("renderHelm: the chart as Helm renders it, tests left out; hooks only as somebody has decided", async () => {
  const ran: string[][] = [];
  const run = (text: string, hooks?: "skip" | "apply") =>
    renderHelm(
      { chart: "web", repo: "https://charts.example.com", version: "1.2.3", ...(hooks && { hooks }) },
      { ...options, exec: fakeExec({ "helm version": "v3.18.4+gd80839c", "helm template": text }, ran) },
    );
  const names = async (found: ReturnType<typeof run>) => (await found).map(({ metadata }) => metadata.name);
  assert.deepEqual(await names(run(rendered)), ["plain"]);
  const command = ran
    .at(-1)!
    .join(" ")
    .replace(/--values \S+/, "--values FILE");
  assert.equal(
    command,
    "helm template x web --namespace apps --include-crds --kube-version 1.36.2 --values FILE --repo https://charts.example.com --version 1.2.3",
  );
  await assert.rejects(run(rendered + hook), (error: UserError) => {
    assert.match(error.message, /it has hooks: Job migrate \(pre-install,pre-upgrade\)/);
    return /source\.helm\.hooks/.test(error.hints[0]!);
  });
  assert.deepEqual(await names(run(rendered + hook, "skip")), ["plain"]);
  assert.deepEqual(await names(run(rendered + hook, "apply")), ["plain", "migrate"]);
});

test("renderHelm: missing, too old, or refusing the chart: said with what Helm says", async () => {
  const chart = { chart: "/charts/web" };
  await assert.rejects(renderHelm(chart, { ...options, exec: missing }), /helm is not installed/);
  const old = fakeExec({ "helm version": "v2.17.0" });
  await assert.rejects(
    renderHelm(chart, { ...options, exec: old }),
    /Cannot use helm: it is 2\.17\.0, but 3\.8 or newer/,
  );
  const refusing: Exec = async (argv) => {
    if (argv[1] === "version") return { code: 0, stdout: "v4.2.4", stderr: "" };
    throw new CommandFailedError(argv, 1, "", "Error: Chart.yaml file is missing", "exit code 1");
  };
  await assert.rejects(
    renderHelm(chart, { ...options, exec: refusing }),
    /^UserError: Cannot render the chart \/charts\/web: Chart\.yaml file is missing$/,
  );
});

test("isOlder: by numbers, part by part", () => {
  assert.ok(
    isOlder("3.7.9", "3.8") && !isOlder("3.8.0", "3.8") && !isOlder("4.0.0-rc.1", "3.8") && !isOlder("3.18.1", "3.8"),
  );
});
