// ServiceAccount: pods run as a service account (default: "default") and find its token, unless told otherwise, in a volume.

import { type Container, notFound, type Pod, resources, type ServiceAccount, type Volume } from "#kubernetes/api";
import { podReferences } from "../../authorization/pod-references.ts";
import { generateName } from "../../registry/object-meta.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { Refusal } from "../refusal.ts";
import { describeBadName } from "./bad-name.ts";
import { checkSecretReferences } from "./mountable-secrets.ts";
import type { PluginContext } from "./plugin-context.ts";
import { waitForObject } from "./wait-for-object.ts";

const mountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
const volumePrefix = "kube-api-access-";
/** How long a pod waits for its namespace's default account, which a controller makes, as upstream. */
const defaultAccountWaitMs = 1500;

export function serviceAccount(context: PluginContext): AdmissionPlugin {
  return {
    name: "ServiceAccount",
    handles: ({ operation, group, resource, subresource }) =>
      group === "" &&
      resource === "pods" &&
      ((operation === "CREATE" && subresource === "") ||
        (operation === "UPDATE" && subresource === "ephemeralcontainers")),
    async admit(request) {
      const pod = request.object as Pod;
      if (request.operation !== "CREATE" || !pod.spec || isMirror(pod)) return;
      pod.spec.serviceAccountName ||= "default";
      pod.spec.serviceAccount = pod.spec.serviceAccountName;
      const account = await requireAccount(context, request, pod.spec.serviceAccountName);
      if (pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(pod);
      if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length) {
        pod.spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
      }
    },
    async validate(request) {
      const pod = request.object as Pod;
      if (isMirror(pod)) return checkMirror(pod);
      const name = pod.spec?.serviceAccountName;
      if (!name) throw new Refusal(`no service account specified for pod ${request.namespace}/${pod.metadata.name}`);
      checkSecretReferences(pod, await requireAccount(context, request, name), request.subresource);
    },
  };
}

function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
}

function checkMirror(pod: Pod): void {
  if (pod.spec?.serviceAccountName) throw new Refusal("a mirror pod may not reference service accounts");
  for (const [resource] of podReferences(pod)) {
    if (resource === "secrets") throw new Refusal("a mirror pod may not reference secrets");
  }
  const sources = (pod.spec?.volumes ?? []).flatMap((volume) => volume.projected?.sources ?? []);
  if (sources.some((source) => source.serviceAccountToken)) {
    throw new Refusal("a mirror pod may not use ServiceAccountToken volume projections");
  }
}

async function requireAccount(
  context: PluginContext,
  request: AdmissionRequest,
  name: string,
): Promise<ServiceAccount> {
  const { namespace } = request;
  const key = { namespace, name };
  let found = await context.objects.get(resources.serviceAccounts, key);
  if (!found && name === "default") {
    found = await waitForObject(context, resources.serviceAccounts, key, defaultAccountWaitMs);
  }
  if (found) return found;
  const message = describeBadName(name) ?? notFound({ group: "", resource: "serviceaccount" }, name).message;
  throw new Refusal(`error looking up service account ${namespace}/${name}: ${message}`);
}

/** Gives every container the token, unless something else is mounted where it would go. */
function mountToken(pod: Pod): void {
  const spec = pod.spec!;
  const present = spec.volumes?.find((volume) => volume.name.startsWith(volumePrefix));
  const name = present?.name ?? generateName(volumePrefix);
  const isFree = (container: Container) => !container.volumeMounts?.some((mount) => mount.mountPath === mountPath);
  let isNeeded = false;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(isFree)) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
    isNeeded = true;
  }
  if (isNeeded && !present) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

/** The token, the cluster's authority and the namespace, in one folder. */
function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}
