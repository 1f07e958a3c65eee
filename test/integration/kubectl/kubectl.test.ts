// kubectl as people use it, against a cluster in this process: what it prints and how it exits. Says so where there is no kubectl.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startCluster } from "#controlplane";

const isMissing = spawnSync("kubectl", ["version", "--client"]).error !== undefined;
const skip = isMissing && "kubectl is not installed";

interface Outcome {
  readonly code: number;
  readonly output: string;
}

type Kubectl = (line: string, input?: string) => Promise<Outcome>;

/** Words of the line are parted by spaces; none of them is quoted. */
function kubectlIn(folder: string): Kubectl {
  const env = {
    ...process.env,
    KUBECONFIG: join(folder, "kubeconfig"),
    HOME: folder,
    KUBE_EDITOR: "sed -i s/one/two/",
  };
  return (line, input = "") =>
    new Promise((resolve) => {
      const options = { env, timeout: 60_000 };
      const child = execFile("kubectl", line.split(" "), options, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr });
      });
      child.stdin?.end(input);
    });
}

type Step = readonly [line: string, expected: RegExp, input?: string, code?: number];

const service = JSON.stringify({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "s" },
  spec: { selector: { app: "web" }, ports: [{ port: 80, name: "a" }] },
});
const configMap = (data: object) =>
  JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data });
const unknownField =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","bogus":1}]}}';

const steps: readonly Step[] = [
  ["version", /Server Version: v1\.36/],
  ["api-versions", /^admissionregistration\.k8s\.io\/v1\n(.*\n)*v1$/m],
  ["api-resources --namespaced=false -o name", /^namespaces$/m],
  ["cluster-info", /Kubernetes control plane.* is running at/],
  ["explain pod.spec.containers.image", /FIELD: image <string>/],
  ["explain pod.spec.restartPolicy", /ENUM:\n +Always\n +Never\n +OnFailure\n[\s\S]*When containers that ended/],
  ["explain pods --output plaintext-openapiv2", /Containers that run together[\s\S]*spec\t<Object>/],
  ["explain hpa --api-version=autoscaling/v1", /KIND: +HorizontalPodAutoscaler\nVERSION: +v1\n/],
  ["auth can-i create pods", /^yes/],
  ["auth whoami", /Username +kubernetes-admin/],
  ["apply -f -", /configmap\/c created/, configMap({ a: "one", b: "2" })],
  ["apply -f -", /configmap\/c unchanged/, configMap({ a: "one", b: "2" })],
  ["diff -f -", /^- {2}b: "2"\n\+ {2}d: "3"$/m, configMap({ a: "one", d: "3" }), 1],
  ["apply -f -", /configmap\/c configured/, configMap({ a: "one", d: "3" })],
  ["get configmap c -o jsonpath={.data}", /^\{"a":"one","d":"3"\}$/],
  ["edit configmap c", /configmap\/c edited/],
  ["get configmap c -o jsonpath={.data.a}", /^two$/],
  ['patch configmap c --type=merge -p {"data":{"a":"other"}}', /configmap\/c patched/],
  ["apply --server-side -f -", /conflict with "kubectl-patch" using v1/, configMap({ a: "three" }), 1],
  ["apply --server-side --force-conflicts -f -", /configmap\/c serverside-applied/, configMap({ a: "three" })],
  ["replace -f -", /configmap\/c replaced/, configMap({ a: "four" })],
  ["label configmap c x=y", /configmap\/c labeled/],
  ["annotate configmap c x=y", /configmap\/c annotated/],
  ["get configmap -l x=y -o name", /^configmap\/c$/m],
  ["create -f -", /strict decoding error: unknown field "spec\.containers\[0\]\.bogus"/, unknownField, 1],
  [
    "create --validate=warn --dry-run=server -f -",
    /Warning: unknown field "spec\.containers\[0\]\.bogus"/,
    unknownField,
  ],
  ["create deployment web --image=nginx --replicas=2", /deployment\.apps\/web created/],
  ["rollout status deployment/web --timeout=50s", /successfully rolled out/],
  ["get deployment web -o wide", /NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR\nweb +2\/2/],
  ["set image deployment/web nginx=nginx:2", /image updated/],
  ["rollout status deployment/web --timeout=50s", /successfully rolled out/],
  ["rollout history deployment/web", /^2 +<none>$/m],
  ["rollout undo deployment/web", /rolled back/],
  ["scale deployment web --replicas=1", /scaled/],
  ["autoscale deployment web --min=1 --max=3", /autoscaled/],
  ["get hpa web", /Deployment\/web +cpu: <unknown>\/80% +1 +3/],
  ["apply -f -", /service\/s created/, service],
  ['patch service s --type=json -p [{"op":"replace","path":"/spec/ports/0/port","value":81}]', /service\/s patched/],
  ["get service s", /ClusterIP +10\.\S+ +<none> +81\/TCP/],
  ["wait --for=condition=Available deployment/web --timeout=50s", /condition met/],
  ["describe deployment web", /^Replicas: +1 desired/m],
  ["run p --image=i", /pod\/p created/],
  ["wait --for=condition=Ready pod/p --timeout=50s", /condition met/],
  ["get pod p --subresource=status -o name", /^pod\/p$/m],
  ["cordon node-1", /cordoned/],
  ["uncordon node-1", /uncordoned/],
  ["taint node node-1 a=b:NoSchedule", /tainted/],
  ["get pods -A --chunk-size=1 -o name", /^pod\/p$/m],
  ["get nothing", /the server doesn't have a resource type "nothing"/, "", 1],
  ["get pod none", /Error from server \(NotFound\): pods "none" not found/, "", 1],
  ["delete pod p --grace-period=0 --force", /pod "p" force deleted/],
  ["create namespace n", /namespace\/n created/],
  ["delete namespace n --timeout=50s", /namespace "n" deleted/],
];

test("kubectl: what people do with it", { skip }, async () => {
  await using cluster = await startCluster({ nodes: 1 });
  const folder = await mkdtemp(join(tmpdir(), "slipway-kubectl-"));
  try {
    await writeFile(join(folder, "kubeconfig"), await cluster.kubeconfig());
    const kubectl = kubectlIn(folder);
    for (const [line, expected, input, code = 0] of steps) {
      const outcome = await kubectl(line, input);
      assert.match(outcome.output, expected, `kubectl ${line}`);
      assert.equal(outcome.code, code, `kubectl ${line}: ${outcome.output}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
