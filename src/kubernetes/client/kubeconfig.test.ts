import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionOf, parseKubeconfig } from "./kubeconfig.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const text = `
apiVersion: v1
kind: Config
current-context: dev
clusters:
- name: here
  cluster: { server: https://127.0.0.1:6443, certificate-authority-data: ${base64("CA")}, tls-server-name: api }
contexts:
- { name: dev, context: { cluster: here, user: me, namespace: work } }
- { name: bare, context: { cluster: here, user: me } }
- { name: lost, context: { cluster: gone, user: me } }
users:
- name: me
  user: { client-certificate-data: ${base64("CERT")}, client-key-data: ${base64("KEY")}, tokenFile: token }
`;

test("connectionOf: the current context, its data decoded, its paths resolved", async () => {
  assert.deepEqual(await connectionOf(parseKubeconfig(text, "/home/me/.kube")), {
    server: "https://127.0.0.1:6443",
    namespace: "work",
    tls: { ca: "CA", cert: "CERT", key: "KEY", serverName: "api" },
    tokenFile: "/home/me/.kube/token",
  });
});

test("connectionOf: another context by name; the namespace is default where none is named", async () => {
  assert.equal((await connectionOf(parseKubeconfig(text), "bare")).namespace, "default");
});

test("connectionOf: says what is missing", async () => {
  const config = parseKubeconfig(text);
  await assert.rejects(connectionOf(config, "nope"), /Cannot find the context "nope" in the kubeconfig/);
  await assert.rejects(connectionOf(config, "lost"), /Cannot find the cluster "gone" in the kubeconfig/);
  await assert.rejects(connectionOf(parseKubeconfig("kind: Config")), /has no current-context/);
});

test("parseKubeconfig: refuses what is no kubeconfig", () => {
  assert.throws(() => parseKubeconfig(""), /it is empty/);
  assert.throws(() => parseKubeconfig("kind: Pod"), /its kind is Pod, not Config/);
  assert.throws(() => parseKubeconfig("{"), /Cannot read the kubeconfig/);
});
