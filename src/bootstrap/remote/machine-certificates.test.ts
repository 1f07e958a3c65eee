import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { exec, FakeClock, UserError } from "#shared";
import { createAuthority, issueCertificate } from "../pki/certificates.ts";
import { slipwayCertificates } from "../slipway/remote/certificates.ts";
import { createFakeMachine } from "./fake-connection.ts";
import { readMachineCertificates } from "./machine-certificates.ts";
import { runCommands } from "./run-commands.ts";

test("readMachineCertificates: files, what kubeconfigs hold, a kubelet's newest; no key leaves the machine", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-certificates-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [authority, other] = [await createAuthority("kubernetes"), await createAuthority("kubernetes")];
  const leaf = await issueCertificate(authority, { commonName: "someone", usages: ["client"] });
  mkdirSync(join(folder, "pki/etcd"), { recursive: true });
  mkdirSync(join(folder, "kubelet"));
  writeFileSync(join(folder, "pki/ca.crt"), authority.certificate + other.certificate);
  writeFileSync(join(folder, "pki/ca.key"), authority.key);
  writeFileSync(join(folder, "pki/etcd/server.crt"), leaf.certificate + authority.certificate);
  writeFileSync(join(folder, "kubelet/kubelet-client-1.pem"), leaf.certificate + leaf.key);
  symlinkSync("kubelet-client-1.pem", join(folder, "kubelet/kubelet-client-current.pem"));
  const data = Buffer.from(leaf.certificate).toString("base64");
  writeFileSync(join(folder, "admin.conf"), `users:\n- name: a\n  user:\n    client-certificate-data: ${data}\n`);
  let printed = "";
  const connection = {
    ...createFakeMachine(),
    exec: async (...args: Parameters<typeof exec>) => {
      const result = await exec(...args);
      printed += result.stdout;
      return result;
    },
  };
  const places = ["pki", "admin.conf", "kubelet", "nowhere"].map((place) => join(folder, place));
  const found = await readMachineCertificates(connection, places, t.signal);
  assert.deepEqual(
    found.map(({ name, subject, file }) => [name, subject, file.slice(folder.length + 1)]),
    [
      ["admin.conf", "someone", "admin.conf"],
      ["kubelet-client-current", "someone", "kubelet/kubelet-client-current.pem"],
      ["ca", "kubernetes", "pki/ca.crt"],
      ["ca (also trusted)", "kubernetes", "pki/ca.crt"],
      ["etcd/server", "someone", "pki/etcd/server.crt"],
    ],
  );
  assert.equal(found[1]?.pem, leaf.certificate);
  assert.doesNotMatch(printed, /PRIVATE KEY/);
});

test("slipway, certificates: each with what uses it; etcd reads its own, workers ask for theirs", () => {
  const commands = (role: "control-plane" | "worker", ...names: string[]) =>
    slipwayCertificates.renew({ name: "demo-1", role, pool: "" }, names).map(({ argv }) => argv.join(" "));
  const restart = (unit: string) => `sh -c systemctl restart "$1" || systemctl start "$1" sh ${unit}`;
  const prepare = "/opt/slipway/node /opt/slipway/process.cjs machine /etc/slipway/machine.json";
  assert.deepEqual(commands("control-plane", "apiserver", "etcd/server", "proxy"), [
    "rm -f -- /etc/kubernetes/pki/apiserver.crt /etc/kubernetes/pki/etcd/server.crt /var/lib/kubelet/pki/proxy.crt",
    prepare,
    restart("slipway-control-plane"),
    restart("slipway-agent"),
  ]);
  assert.deepEqual(commands("control-plane", "etcd/peer"), ["rm -f -- /etc/kubernetes/pki/etcd/peer.crt", prepare]);
  assert.deepEqual(commands("worker", "kubelet"), [
    "rm -f -- /var/lib/kubelet/pki/kubelet.crt",
    restart("slipway-agent"),
  ]);
});

test("runCommands: the first that fails is the last, and says where, what and why", async (t) => {
  const machine = createFakeMachine((command) => (command === "b" ? { code: 3, stderr: "no room\n" } : undefined));
  const commands = [{ argv: ["a"] }, { argv: ["b"], title: "Do b" }, { argv: ["c"] }];
  const target = { machine: "demo-1", connection: machine, signal: t.signal, clock: new FakeClock() };
  await assert.rejects(runCommands(commands, target), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /^demo-1: cannot do b: exit code 3$/);
    assert.match(error.hints.join("\n"), /no room/);
    return true;
  });
  assert.deepEqual(machine.ran, ["a", "b"]);
});
