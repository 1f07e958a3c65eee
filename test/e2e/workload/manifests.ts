// What the workload test runs: a web server in three pods, a pod to ask from on each node, one that moves, and one that keeps things.

export const image = "registry.test/busybox:1";

type Object = Readonly<Record<string, unknown>>;

const shell = (script: string) => ({ image, imagePullPolicy: "Never", command: ["sh", "-c", script] });

/** Says who it is, and what it was told by a ConfigMap and a Secret. Ends when somebody ends the server. */
const serve = [
  'echo "$(hostname) $(cat /config/greeting) $PASSWORD $VERSION" >/www/index.html',
  "httpd -f -p 8080 -h /www & echo $! >/tmp/server",
  "wait",
].join("\n");

const podSpec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false };

/** Three pods behind a service: "web". */
export function createWebObjects(): Object[] {
  const labels = { app: "web" };
  return [
    object("v1", "ConfigMap", "web", { data: { greeting: "hello" } }),
    object("v1", "Secret", "web", { stringData: { password: "secret" } }),
    object("v1", "Service", "web", {
      spec: { type: "NodePort", selector: labels, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    }),
    object("apps/v1", "Deployment", "web", {
      spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: webPod() } },
    }),
  ];
}

function webPod(): Object {
  const http = { httpGet: { path: "/index.html", port: "http" } };
  const container = {
    name: "server",
    ...shell(serve),
    ports: [{ name: "http", containerPort: 8080 }],
    env: [
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "web", key: "password" } } },
      { name: "VERSION", value: "v1" },
    ],
    volumeMounts: [{ name: "config", mountPath: "/config" }],
    startupProbe: { ...http, periodSeconds: 1, failureThreshold: 30 },
    readinessProbe: { ...http, periodSeconds: 1 },
    livenessProbe: { tcpSocket: { port: "http" }, periodSeconds: 5 },
    resources: { requests: { cpu: "10m", memory: "8Mi" }, limits: { memory: "64Mi" } },
  };
  return { ...podSpec, containers: [container], volumes: [{ name: "config", configMap: { name: "web" } }] };
}

/** A pod on that node that does nothing, to run commands in; it counts aloud. */
export function createClientPod(nodeName: string): Object {
  const container = { name: "client", ...shell("n=0; while true; do echo line $n; n=$((n+1)); sleep 0.2; done") };
  return object("v1", "Pod", `client-${nodeName}`, { spec: { ...podSpec, nodeName, containers: [container] } });
}

/** Prefers the edge node, may be there, and leaves it a second after it is gone. */
export function createMover(): Object {
  const labels = { app: "mover" };
  const isEdge = { key: "kubernetes.io/hostname", operator: "In", values: ["work-edge-1"] };
  const gone = ["not-ready", "unreachable"].map((condition) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 1,
  }));
  const spec = {
    ...podSpec,
    containers: [{ name: "sleeper", ...shell("exec sleep 3600") }],
    tolerations: [{ key: "edge", operator: "Exists" }, ...gone],
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: { matchExpressions: [isEdge] } }],
      },
    },
  };
  return object("apps/v1", "Deployment", "mover", {
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
}

/** Two pods, each with a volume of its own, into which each start writes a line. */
export function createStore(): Object[] {
  const labels = { app: "db" };
  const container = {
    name: "db",
    ...shell('echo "started $(hostname)" >>/data/log; exec sleep 3600'),
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  };
  return [
    object("v1", "Service", "db", { spec: { clusterIP: "None", selector: labels } }),
    object("apps/v1", "StatefulSet", "db", {
      spec: {
        serviceName: "db",
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { ...podSpec, containers: [container] } },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Mi" } } },
          },
        ],
      },
    }),
  ];
}

function object(apiVersion: string, kind: string, name: string, rest: Object): Object {
  return { apiVersion, kind, metadata: { name }, ...rest };
}
