// Brings a server's store to what a fresh server holds: makes what is missing, all writes at once, so that they share a flush.

import {
  addressAt,
  equalJson,
  formatApiVersion,
  formatIP,
  isAlreadyExists,
  type KubeObject,
  type PolicyRule,
  parseCIDR,
  type Subject,
} from "#kubernetes/api";
import { admitAll } from "../admission/admission.ts";
import { apiServerUser } from "../authentication/users.ts";
import type { Call } from "../call.ts";
import type { RegistryContext } from "../registry/context.ts";
import { createObject } from "../registry/create.ts";
import { modifyObject } from "../registry/modify.ts";
import { formatTime } from "../registry/object-meta.ts";
import { type ServedResource, storageKey } from "../registry/resources/served-resource.ts";
import { type InitialObjects, initialObjects } from "./initial-objects.ts";

export interface BootstrapOptions {
  readonly context: RegistryContext;
  readonly serviceCIDRs: readonly string[];
}

export async function bootstrap({ context, serviceCIDRs }: BootstrapOptions): Promise<void> {
  const [namespaces, ...others] = initialObjects();
  await ensureAll(context, namespaces!);
  await Promise.all([
    ...others.map((each) => ensureAll(context, each)),
    ensureServiceRange(context, serviceCIDRs).then(() => ensureKubernetesService(context, serviceCIDRs)),
  ]);
}

async function ensureAll(context: RegistryContext, initial: InitialObjects): Promise<void> {
  const resource = context.resource(initial.group, initial.resource);
  await Promise.all(initial.objects.map((object) => ensure(context, resource, object, initial.reconcile)));
  if (initial.resource === "apiservices") await markAvailable(context, resource, initial.objects);
}

async function ensure(
  context: RegistryContext,
  resource: ServedResource,
  object: KubeObject,
  reconcile: InitialObjects["reconcile"],
): Promise<void> {
  const { name = "", namespace = "" } = object.metadata;
  const stored = await resource.storage!.collection.get(storageKey(resource, namespace, name));
  if (!stored) return create(context, resource, object);
  if (reconcile) await modifyObject(resource, { namespace, name }, (live) => restore(live, object, reconcile));
}

/** Creates an object in the server's own name, by the way all objects take but for admission; one that is there stays. */
export async function create(context: RegistryContext, resource: ServedResource, object: KubeObject): Promise<void> {
  const { kind, namespaced } = resource.info;
  const body = { apiVersion: formatApiVersion(resource.info), kind, ...structuredClone(object) };
  const namespace = namespaced ? (object.metadata.namespace ?? "") : "";
  const call = serverCall(resource, namespace, body);
  try {
    await createObject({ ...context, admission: admitAll }, { call, resource, subresource: "" });
  } catch (error) {
    // Another server on the same data, started at the same moment, was first.
    if (!isAlreadyExists(error)) throw error;
  }
}

const noQuery = new URLSearchParams();
/** Whoever makes these writes under a name of its own, in upstream's server too. */
const flowQuery = new URLSearchParams({ fieldManager: "api-priority-and-fairness-config-producer-v1" });

function serverCall({ info }: ServedResource, namespace: string, object: object): Call {
  return {
    request: {
      method: "POST",
      path: "",
      query: info.group === "flowcontrol.apiserver.k8s.io" ? flowQuery : noQuery,
      headers: { "user-agent": "kube-apiserver" },
      body: { kind: "object", object },
    },
    info: {
      isResourceRequest: true,
      path: "",
      verb: "create",
      apiGroup: info.group,
      apiVersion: info.version,
      namespace,
      resource: info.resource,
      subresource: "",
      name: "",
      parts: [info.resource],
      fieldSelector: "",
      labelSelector: "",
    },
    user: apiServerUser,
    warnings: [],
  };
}

const autoUpdate = "rbac.authorization.kubernetes.io/autoupdate";

interface Rbac extends KubeObject {
  rules?: PolicyRule[];
  subjects?: Subject[];
}

/** The object with the rules or subjects it has lost; whoever sets autoupdate to "false" is left alone. */
function restore(live: Rbac, wished: Rbac, what: "rules" | "subjects"): Rbac {
  if (live.metadata.annotations?.[autoUpdate] === "false") return live;
  const present: readonly object[] = live[what] ?? [];
  const missing = (wished[what] ?? []).filter((each: object) => !present.some((other) => equalJson(each, other)));
  return missing.length === 0 ? live : { ...live, [what]: [...present, ...missing] };
}

async function markAvailable(
  context: RegistryContext,
  resource: ServedResource,
  services: readonly KubeObject[],
): Promise<void> {
  const condition = {
    type: "Available",
    status: "True",
    lastTransitionTime: formatTime(context.clock.now()),
    reason: "Local",
    message: "Local APIServices are always available",
  };
  const mark = (live: KubeObject): KubeObject =>
    (live as { status?: { conditions?: unknown[] } }).status?.conditions?.length
      ? live
      : ({ ...live, status: { conditions: [condition] } } as KubeObject);
  await Promise.all(
    services.map(({ metadata }) => modifyObject(resource, { namespace: "", name: metadata.name! }, mark)),
  );
}

/** The ranges service addresses come from, as an object of their own. */
async function ensureServiceRange(context: RegistryContext, cidrs: readonly string[]): Promise<void> {
  const resource = context.resource("networking.k8s.io", "servicecidrs");
  await ensure(
    context,
    resource,
    { metadata: { name: "kubernetes" }, spec: { cidrs: [...cidrs] } } as KubeObject,
    undefined,
  );
  const condition = {
    type: "Ready",
    status: "True",
    lastTransitionTime: formatTime(context.clock.now()),
    reason: "",
    message: "Kubernetes default Service CIDR is ready",
  };
  await modifyObject<KubeObject & { status?: { conditions?: unknown[] } }>(
    resource,
    { namespace: "", name: "kubernetes" },
    (live) => (live.status?.conditions?.length ? live : { ...live, status: { conditions: [condition] } }),
  );
}

/** The service pods reach the API by: the first address of the range. */
async function ensureKubernetesService(context: RegistryContext, cidrs: readonly string[]): Promise<void> {
  const { range } = parseCIDR(cidrs[0]!)!;
  const service = {
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { component: "apiserver", provider: "kubernetes" },
    },
    spec: {
      clusterIP: formatIP(addressAt(range, 1)),
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: 6443 }],
      sessionAffinity: "None",
      type: "ClusterIP",
    },
  };
  const resource = context.resource("", "services");
  for (let tries = 1; ; tries++) {
    try {
      await ensure(context, resource, service as KubeObject, undefined);
      return;
    } catch (error) {
      // Another server has taken the address, and is about to make the service; or it died between the two.
      if (tries === mostTries) throw error;
      await context.clock.sleep(retryMs);
    }
  }
}

const mostTries = 100;
const retryMs = 50;
