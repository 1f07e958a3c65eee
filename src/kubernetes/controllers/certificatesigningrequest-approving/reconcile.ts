// Approves the certificates of nodes that may have them: how nodes join by TLS bootstrap, and renew.

import {
  type CertificateSigningRequest,
  formatApiVersion,
  isNotFound,
  resources,
  type SubjectAccessReviewSpec,
} from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { createController, done, type ReconcileContext, type ReconcileResult, watch } from "#kubernetes/runtime";
import { type RequestedCertificate, readRequest } from "../certificates/signing-request.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { type ApprovalRule, approvalRules, isForNode, isUndecided, servingNode } from "./plan.ts";

export function createCsrApprovingController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const requests = informers.informer(resources.certificateSigningRequests);

  const reconcile = async (name: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const request = requests.get({ name });
    if (!request || !isUndecided(request)) return done;
    const asked = readRequest(request);
    const rules = approvalRules(request, asked);
    const isServer = await isServerOfNode(client, request, { asked, signal });
    const rule = isServer ? serverRule : await firstAllowed(client, request, rules, signal);
    if (!rule) {
      if (rules.length === 0) return done;
      const tried = rules.map(({ subresource }) => subresource).join(" ");
      throw new Error(`recognized csr "${name}" as [${tried}] but subject access review was not approved`);
    }
    const writes = new OwnWrites();
    const approved = { ...request, status: { ...request.status, conditions: conditionsOf(request, rule) } };
    const options = { subresource: "approval", signal };
    writes.note(requests, await client.update(resources.certificateSigningRequests, approved, options));
    await writes.seen(signal);
    return done;
  };

  return createController({
    ...context,
    name: "csrapproving",
    reconcile,
    watches: [
      watch(requests, (queue) => {
        const add = (request: CertificateSigningRequest) => {
          if (isUndecided(request)) queue.add(request.metadata.name ?? "");
        };
        return { added: add, updated: add };
      }),
    ],
  });
}

const serverRule = {
  message:
    "Auto approving kubelet serving certificate: it is for the name and the addresses the machine was set up with.",
};

/** Where whoever sets machines up writes down their addresses. What a node says of itself does not count. */
const machineNotes = { namespace: "kube-system", name: "slipway-machines" };

async function isServerOfNode(
  client: Client,
  request: CertificateSigningRequest,
  { asked, signal }: { readonly asked: RequestedCertificate; readonly signal: AbortSignal },
): Promise<boolean> {
  const node = servingNode(request, asked);
  if (node === undefined) return false;
  try {
    const { data = {} } = await client.get(resources.configMaps, machineNotes, { signal });
    const note = data[node];
    if (note === undefined) return false;
    const { addresses = [] } = JSON.parse(note) as { addresses?: readonly string[] };
    return isForNode(asked, node, addresses);
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

function conditionsOf({ status }: CertificateSigningRequest, { message }: Pick<ApprovalRule, "message">) {
  return [...(status?.conditions ?? []), { type: "Approved", status: "True", reason: "AutoApproved", message }];
}

async function firstAllowed(
  client: Client,
  { spec }: CertificateSigningRequest,
  rules: readonly ApprovalRule[],
  signal: AbortSignal,
): Promise<ApprovalRule | undefined> {
  const { username, uid, groups, extra } = spec;
  for (const rule of rules) {
    const { group, resource } = resources.certificateSigningRequests;
    const review: SubjectAccessReviewSpec = {
      ...(username && { user: username }),
      ...(uid && { uid }),
      ...(groups && { groups: [...groups] }),
      ...(extra && { extra: structuredClone(extra) }),
      resourceAttributes: { group, resource, verb: "create", subresource: rule.subresource, version: "*" },
    };
    const body = {
      apiVersion: formatApiVersion(resources.subjectAccessReviews),
      kind: resources.subjectAccessReviews.kind,
      metadata: {},
      spec: review,
    };
    const { status } = await client.create(resources.subjectAccessReviews, body, { signal });
    if (status?.allowed) return rule;
  }
  return undefined;
}
