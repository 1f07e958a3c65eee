import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { renderKubeconfig } from "./render-kubeconfig.ts";
import { findUserKubeconfig, isInKubeconfig, mergeIntoKubeconfig, removeFromKubeconfig } from "./user-kubeconfig.ts";

function tempHome(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "slipway-home-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function entry(cluster: string, port = 6443) {
  return {
    name: `slipway-${cluster}`,
    server: `https://127.0.0.1:${port}`,
    authority: "CA",
    client: { certificate: "CERT", key: "KEY" },
  };
}

const others = `# kept as it is
apiVersion: v1
kind: Config
preferences: {}
clusters:
- cluster: {server: https://example.com}
  name: prod
contexts:
- context: {cluster: prod, user: me, namespace: shop}
  name: prod
current-context: prod
users:
- name: me
  user: {token: abc}
`;

test("findUserKubeconfig: KUBECONFIG's first file that exists, else its last; else the home's", (t) => {
  const home = tempHome(t);
  const [one, two] = [join(home, "one"), join(home, "two")];
  assert.equal(findUserKubeconfig({}, home).path, join(home, ".kube/config"));
  assert.equal(findUserKubeconfig({ KUBECONFIG: `${one}:${two}` }, home).path, two);
  writeFileSync(one, "");
  assert.equal(findUserKubeconfig({ KUBECONFIG: `${one}:${two}` }, home).path, one);
});

test("mergeIntoKubeconfig: makes a file where there is none; removing takes file and folder away again", async (t) => {
  const home = tempHome(t);
  const target = findUserKubeconfig({}, home);
  const note = join(home, "note.json");
  await mergeIntoKubeconfig(target, entry("demo"), note);
  assert.ok(await isInKubeconfig(target, entry("demo")));
  assert.ok(!(await isInKubeconfig(target, entry("demo", 7443))));
  assert.equal(lstatSync(target.path).mode & 0o777, 0o600);
  await removeFromKubeconfig("slipway-demo", note);
  assert.ok(!existsSync(join(home, ".kube")) && !existsSync(note));
  await removeFromKubeconfig("slipway-demo", note);
});

test("mergeIntoKubeconfig: keeps what is there, and removing restores it to the byte", async (t) => {
  const home = tempHome(t);
  const real = join(home, "real");
  mkdirSync(join(home, ".kube"));
  writeFileSync(real, others, { mode: 0o640 });
  symlinkSync(real, join(home, ".kube/config"));
  const target = findUserKubeconfig({}, home);
  const note = join(home, "note.json");
  await mergeIntoKubeconfig(target, entry("demo"), note);
  const text = readFileSync(real, "utf8");
  assert.match(text, /current-context: slipway-demo/);
  assert.match(text, /namespace: shop/);
  await mergeIntoKubeconfig(target, entry("demo", 7443), note);
  await removeFromKubeconfig("slipway-demo", note);
  assert.equal(readFileSync(real, "utf8"), others);
  assert.equal(lstatSync(real).mode & 0o777, 0o640);
  assert.ok(lstatSync(join(home, ".kube/config")).isSymbolicLink());
});

test("removeFromKubeconfig: keeps what others changed meanwhile, and goes back to the context before", async (t) => {
  const home = tempHome(t);
  const target = { path: join(home, "config") };
  writeFileSync(target.path, others);
  await mergeIntoKubeconfig(target, entry("one"), join(home, "one.json"));
  await mergeIntoKubeconfig(target, entry("two"), join(home, "two.json"));
  await removeFromKubeconfig("slipway-one", join(home, "one.json"));
  const between = readFileSync(target.path, "utf8");
  assert.match(between, /current-context: slipway-two/);
  assert.ok(!between.includes("slipway-one"));
  await removeFromKubeconfig("slipway-two", join(home, "two.json"));
  const after = readFileSync(target.path, "utf8");
  assert.ok(!after.includes("slipway"));
  assert.ok(!after.includes("current-context"), "slipway-one, which was current before, is gone");
  assert.match(after, /namespace: shop/);
});

test("mergeIntoKubeconfig: a second merge keeps what others wrote after the first", async (t) => {
  const home = tempHome(t);
  const target = { path: join(home, "config") };
  const note = join(home, "note.json");
  writeFileSync(target.path, others);
  await mergeIntoKubeconfig(target, entry("demo"), note);
  writeFileSync(target.path, readFileSync(target.path, "utf8").replace("namespace: shop", "namespace: garden"));
  await mergeIntoKubeconfig(target, entry("demo", 7443), note);
  await removeFromKubeconfig("slipway-demo", note);
  const after = readFileSync(target.path, "utf8");
  assert.match(after, /namespace: garden/);
  assert.match(after, /current-context: prod/);
  assert.ok(!after.includes("slipway"));
});

test("mergeIntoKubeconfig: leaves a broken file alone and says what is wrong with it", async (t) => {
  const home = tempHome(t);
  const target = { path: join(home, "config") };
  writeFileSync(target.path, "clusters: [");
  await assert.rejects(mergeIntoKubeconfig(target, entry("demo"), join(home, "note.json")), /config is broken: /);
  assert.equal(readFileSync(target.path, "utf8"), "clusters: [");
});

test("mergeIntoKubeconfig: takes over the lock of a slipway that was killed", async (t) => {
  const home = tempHome(t);
  const target = { path: join(home, "config") };
  writeFileSync(
    `${target.path}.lock`,
    JSON.stringify({ pid: process.pid, startTime: "long ago", purpose: "kubeconfig" }),
  );
  await mergeIntoKubeconfig(target, entry("demo"), join(home, "note.json"));
  assert.ok(!existsSync(`${target.path}.lock`));
});

test("renderKubeconfig: a whole kubeconfig of one cluster", () => {
  const text = renderKubeconfig(entry("demo"));
  assert.match(text, /server: https:\/\/127\.0\.0\.1:6443\n/);
  assert.match(text, /certificate-authority-data: Q0E=\n/);
  assert.match(text, /current-context: slipway-demo\n$/);
});
