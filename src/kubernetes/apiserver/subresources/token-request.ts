// serviceaccounts/token: signs a token for an account, bound to a Pod, Secret or Node where asked.

import {
  type BoundObjectReference,
  badRequest,
  conflict,
  invalid,
  invalidObject,
  type KubeObject,
  notFound,
  type Pod,
  parseApiVersion,
  quote,
  resources,
  type ServiceAccount,
  type TokenRequest,
} from "#kubernetes/api";
import type { ServiceAccountTokens, TokenClaims } from "../authentication/service-account-tokens.ts";
import type { Call, ObjectAnswer } from "../call.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { RegistryContext, Verb } from "../registry/context.ts";
import { admitNew } from "../registry/create.ts";
import { formatTime } from "../registry/object-meta.ts";

type Asked = TokenRequest & Required<Pick<TokenRequest, "spec">>;

const kind = { group: "authentication.k8s.io", kind: "TokenRequest" };
const leastSeconds = 600;
const mostSeconds = 2 ** 32;
const defaultSeconds = 3600;
/** What kubelets ask for in pods: such tokens live a year, for clients that never read theirs again; use is only noted. */
const extendedFromSeconds = 3607;
const extendedSeconds = 365 * 24 * 3600;

export function createTokenRequest(options: {
  readonly serviceAccountTokens: ServiceAccountTokens;
  readonly audiences: readonly string[];
}): Verb<ObjectAnswer> {
  return async (context, request) => {
    const { call } = request;
    const { admitted } = await admitNew(context, request, { keepsSystemFields: true });
    const asked = admitted.object as Asked;
    asked.spec ??= {};
    const account = await requireAccount(context.objects, call, asked);
    const now = context.clock.now();
    settleMetadata(asked, account, now);
    asked.spec.audiences = asked.spec.audiences?.length ? asked.spec.audiences : [...options.audiences];
    const seconds = asked.spec.expirationSeconds ?? defaultSeconds;
    asked.spec.expirationSeconds = seconds;
    checkSeconds(seconds);
    await context.admission.validate(admitted);
    const claims = await readClaims(context, call, asked, account);
    const isExtended =
      claims.pod !== undefined &&
      seconds === extendedFromSeconds &&
      asked.spec.audiences.every((audience) => options.audiences.includes(audience));
    const token = await options.serviceAccountTokens.issue(
      isExtended ? { ...claims, warnafter: Math.floor(now / 1000) + seconds } : claims,
      asked.spec.audiences,
      isExtended ? extendedSeconds : seconds,
    );
    const status = { token, expirationTimestamp: formatTime(now + seconds * 1000) };
    return { kind: "object", status: 201, document: { object: { ...asked, status } } };
  };
}

async function requireAccount(objects: LiveObjects, { info }: Call, asked: Asked): Promise<ServiceAccount> {
  const { name, namespace } = info;
  if (asked.metadata.name && asked.metadata.name !== name) {
    const why = "must match the service account name if specified";
    throw invalidObject(kind, name, [invalid("metadata.name", asked.metadata.name, why)]);
  }
  const account = await objects.get(resources.serviceAccounts, { namespace, name });
  if (!account) throw notFound({ group: "", resource: "serviceaccounts" }, name);
  const { uid } = asked.metadata;
  if (uid && uid !== account.metadata.uid) {
    const why = `the UID in the token request (${uid}) does not match the UID of the service account (${account.metadata.uid})`;
    throw conflict({ group: kind.group, resource: kind.kind }, name, why);
  }
  return account;
}

function settleMetadata(asked: Asked, account: ServiceAccount, now: number): void {
  const { metadata } = asked;
  metadata.name = account.metadata.name!;
  metadata.namespace = account.metadata.namespace!;
  metadata.uid = account.metadata.uid!;
  metadata.creationTimestamp = formatTime(now);
  // Declared without omitempty, so that a token bound to nothing says so.
  asked.spec.boundObjectRef ??= null as never;
}

function checkSeconds(seconds: number): void {
  if (seconds < leastSeconds) {
    throw invalidObject(kind, "", [
      invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"),
    ]);
  }
  if (seconds > mostSeconds) {
    throw invalidObject(kind, "", [
      invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"),
    ]);
  }
}

async function readClaims(
  { objects }: RegistryContext,
  call: Call,
  asked: Asked,
  account: ServiceAccount,
): Promise<TokenClaims> {
  const { namespace } = call.info;
  const claims: TokenClaims = { namespace, serviceaccount: refOf(account) };
  const reference = asked.spec.boundObjectRef;
  if (!reference) return claims;
  const { group } = parseApiVersion(reference.apiVersion ?? "");
  const name = reference.name ?? "";
  if (group === "" && reference.kind === "Pod") {
    const pod = await objects.get(resources.pods, { namespace, name });
    checkBound(pod, "pods", reference);
    if (pod!.spec?.serviceAccountName !== account.metadata.name) {
      throw badRequest(
        `cannot bind token for serviceaccount ${quote(account.metadata.name!)} to pod running with different serviceaccount name.`,
      );
    }
    return { ...claims, pod: refOf(pod!), ...(await nodeOfPod(objects, pod!)) };
  }
  if (group === "" && reference.kind === "Secret") {
    const secret = await objects.get(resources.secrets, { namespace, name });
    checkBound(secret, "secrets", reference);
    return { ...claims, secret: refOf(secret!) };
  }
  if (group === "" && reference.kind === "Node") {
    const node = await objects.get(resources.nodes, { name });
    checkBound(node, "nodes", reference);
    return { ...claims, node: refOf(node!) };
  }
  const { version } = parseApiVersion(reference.apiVersion ?? "");
  throw badRequest(`cannot bind token to object of type ${group}/${version}, Kind=${reference.kind ?? ""}`);
}

function refOf({ metadata }: KubeObject): { name: string; uid: string } {
  return { name: metadata.name ?? "", uid: metadata.uid ?? "" };
}

function checkBound(object: KubeObject | undefined, resource: string, reference: BoundObjectReference): void {
  const name = reference.name ?? "";
  if (!object) throw notFound({ group: "", resource }, name);
  if (!reference.uid || reference.uid === object.metadata.uid) return;
  const why = `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  throw conflict({ group: "", resource: reference.kind ?? "" }, name, why);
}

async function nodeOfPod(objects: LiveObjects, { spec }: Pod): Promise<Pick<TokenClaims, "node">> {
  const name = spec?.nodeName;
  if (!name) return {};
  const node = await objects.get(resources.nodes, { name });
  return { node: node ? refOf(node) : { name } };
}
