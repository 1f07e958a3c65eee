// Approves the client certificates of kubelets that may have them: how nodes join by TLS bootstrap, and renew.

import {
  type CertificateSigningRequest,
  formatApiVersion,
  resources,
  type SubjectAccessReviewSpec,
} from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { createController, done, type ReconcileContext, type ReconcileResult, watch } from "#kubernetes/runtime";
import { readRequest } from "../certificates/signing-request.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { type ApprovalRule, approvalRules, isUndecided } from "./plan.ts";

export function createCsrApprovingController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const requests = informers.informer(resources.certificateSigningRequests);

  const reconcile = async (name: string, { signal }: ReconcileContext): Promise<ReconcileResult> => {
    const request = requests.get({ name });
    if (!request || !isUndecided(request)) return done;
    const rules = approvalRules(request, readRequest(request));
    const rule = await firstAllowed(client, request, rules, signal);
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

function conditionsOf({ status }: CertificateSigningRequest, { message }: ApprovalRule) {
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
