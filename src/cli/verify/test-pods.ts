// The pods that verify runs and what they say: on each node a server, whose page an init container writes into a volume, then an asker
// that tries everything and writes what came of it to its log. Pure.

import type { PersistentVolumeClaim, Pod, Service } from "#kubernetes/api";

/** What every node must have. */
export const checks = ["cri", "storage", "cni", "proxy", "dns", "logs"] as const;
export type Check = (typeof checks)[number];

/** "ok", or what went wrong. */
export type CheckResults = Readonly<Record<Check, string>>;

export interface TestPodOptions {
  readonly namespace: string;
  readonly image: string;
  readonly dnsDomain: string;
}

export const serviceName = "verify";
const port = 8080;

/** A claim of the default storage class for a volume on that node: nobody else has to choose the node. */
export function createClaim(node: string, { namespace }: TestPodOptions): PersistentVolumeClaim {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      namespace,
      name: `page-${node}`,
      annotations: { "volume.kubernetes.io/selected-node": node },
    },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
  };
}

/** Its page lies in the claim's volume; without a claim, in the pod's own. */
export function createServer(node: string, options: TestPodOptions, claimName?: string): Pod {
  const { namespace } = options;
  const mount = { name: "page", mountPath: "/page" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name: `server-${node}`, labels: { app: serviceName } },
    spec: {
      ...commonSpec(node),
      initContainers: [container("writer", options, `echo ${marker(node)} >/page/index.html`, [mount])],
      containers: [
        {
          ...container("server", options, `exec /bin/busybox httpd -f -p ${port} -h /page`, [mount]),
          readinessProbe: { httpGet: { path: "/index.html", port }, periodSeconds: 1 },
        },
      ],
      volumes: [
        { name: "page", ...(claimName === undefined ? { emptyDir: {} } : { persistentVolumeClaim: { claimName } }) },
      ],
    },
  };
}

export function createService({ namespace }: TestPodOptions): Service {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { namespace, name: serviceName },
    spec: { selector: { app: serviceName }, ports: [{ port: 80, targetPort: port, protocol: "TCP" }] },
  };
}

export interface AskerTargets {
  /** The address of every server, by node. */
  readonly servers: ReadonlyMap<string, string>;
  readonly serviceAddress: string;
}

/** Tries each server, the service and its name; one line of the log per check. */
export function createAsker(node: string, targets: AskerTargets, options: TestPodOptions): Pod {
  const { namespace, dnsDomain } = options;
  const get = (address: string, onPort: number) =>
    `printf 'GET /index.html HTTP/1.0\\r\\n\\r\\n' | /bin/busybox nc -w 5 ${address} ${onPort} 2>&1`;
  const check = (name: Check, command: string, expected: string) =>
    `if ${command} | /bin/busybox grep -q ${expected}; then echo '${name} ok'; else echo '${name} no answer'; fi`;
  const others = [...targets.servers].map(
    ([server, address]) =>
      `${get(address, port)} | /bin/busybox grep -q ${marker(server)} || failed="$failed ${server}"`,
  );
  const name = `${serviceName}.${namespace}.svc.${dnsDomain}`;
  const script = [
    "failed=",
    ...others,
    `if [ -z "$failed" ]; then echo 'cni ok'; else echo "cni no answer from pods on$failed"; fi`,
    check("storage", get(targets.servers.get(node)!, port), marker(node)),
    check("proxy", get(targets.serviceAddress, 80), "page-of-"),
    check("dns", `/bin/busybox nslookup ${name}`, targets.serviceAddress),
  ].join("\n");
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name: `asker-${node}` },
    spec: { ...commonSpec(node), restartPolicy: "Never", containers: [container("asker", options, script, [])] },
  };
}

/** What an asker's log says; what it does not say could not be read, so the log is what failed. */
export function readResults(log: string): CheckResults {
  const found = new Map(
    log
      .split("\n")
      .map((line) => /^(\w+) (.+)$/.exec(line.trim()))
      .filter((match) => match !== null)
      .map(([, check, result]) => [check!, result!]),
  );
  const said = (check: Check) => found.get(check) ?? "not tested";
  return {
    cri: "ok",
    storage: said("storage"),
    cni: said("cni"),
    proxy: said("proxy"),
    dns: said("dns"),
    logs: found.size > 0 ? "ok" : "empty",
  };
}

/** The same for a node whose pods never came so far. */
export function failedResults(reason: string): CheckResults {
  return {
    cri: reason,
    storage: "not tested",
    cni: "not tested",
    proxy: "not tested",
    dns: "not tested",
    logs: "not tested",
  };
}

function marker(node: string): string {
  return `page-of-${node}`;
}

function container(
  name: string,
  { image }: TestPodOptions,
  script: string,
  volumeMounts: { name: string; mountPath: string }[],
) {
  return { name, image, imagePullPolicy: "IfNotPresent", command: ["/bin/busybox", "sh", "-c", script], volumeMounts };
}

/** On that node, whatever its taints; without rights of its own. */
function commonSpec(nodeName: string) {
  return {
    nodeName,
    tolerations: [{ operator: "Exists" }],
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
  };
}
