// Access reviews: may I, may they? Answered by the very authorizer that requests pass, and kept nowhere.

import {
  badRequest,
  type FieldError,
  invalidObject,
  type KubeObject,
  type LocalSubjectAccessReview,
  type NonResourceAttributes,
  type ResourceAttributes,
  type SelfSubjectAccessReview,
  type SelfSubjectRulesReview,
  type SubjectAccessReview,
  type SubjectAccessReviewSpec,
  type UserInfo,
} from "#kubernetes/api";
import type { AuthorizationAttributes } from "../authorization/authorizer.ts";
import type { ObjectAnswer } from "../call.ts";
import type { RegistryContext, ResourceCall } from "../registry/context.ts";
import { admitNew } from "../registry/create.ts";
import { validateAccessReview } from "./validate-access-review.ts";

export async function createSelfSubjectAccessReview(
  context: RegistryContext,
  request: ResourceCall,
): Promise<ObjectAnswer> {
  const review = await admitReview<SelfSubjectAccessReview>(context, request);
  return decide(context, review, attributesOf(request.call.user, review.spec));
}

export async function createSubjectAccessReview(
  context: RegistryContext,
  request: ResourceCall,
): Promise<ObjectAnswer> {
  const review = await admitReview<SubjectAccessReview>(context, request);
  return decide(context, review, attributesOf(userOf(review.spec), review.spec));
}

export async function createLocalSubjectAccessReview(
  context: RegistryContext,
  request: ResourceCall,
): Promise<ObjectAnswer> {
  const review = await admitReview<LocalSubjectAccessReview>(context, request);
  return decide(context, review, attributesOf(userOf(review.spec), review.spec));
}

export async function createSelfSubjectRulesReview(
  context: RegistryContext,
  request: ResourceCall,
): Promise<ObjectAnswer> {
  const review = await admitReview<SelfSubjectRulesReview>(context, request, () => []);
  if (!review.spec.namespace) throw badRequest("no namespace on request");
  const { rules, incomplete, evaluationError } = context.authorizer.rulesFor(request.call.user, review.spec.namespace);
  const status = {
    resourceRules: rules
      .filter((rule) => rule.resources?.length)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        ...(apiGroups && { apiGroups }),
        ...(resources && { resources }),
        ...(resourceNames && { resourceNames }),
      })),
    nonResourceRules: rules
      .filter((rule) => rule.nonResourceURLs?.length)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, ...(nonResourceURLs && { nonResourceURLs }) })),
    incomplete,
    ...(evaluationError && { evaluationError }),
  };
  return created({ ...review, status } as KubeObject);
}

/** The review as it passes admission and validation. */
async function admitReview<T extends KubeObject>(
  context: RegistryContext,
  request: ResourceCall,
  validate: (review: KubeObject) => FieldError[] = validateAccessReview,
): Promise<T> {
  const { admitted } = await admitNew(context, request);
  const errors = validate(admitted.object!);
  // Upstream names no kind here.
  if (errors.length > 0) throw invalidObject({ group: request.resource.info.group, kind: "" }, "", errors);
  await context.admission.validate(admitted);
  return admitted.object as T;
}

async function decide(
  context: RegistryContext,
  review: KubeObject,
  attributes: AuthorizationAttributes,
): Promise<ObjectAnswer> {
  const { allowed, denied, reason, error } = await context.authorizer.authorize(attributes);
  const status = {
    allowed,
    ...(denied && { denied }),
    ...(reason !== "" && { reason }),
    ...(error !== undefined && { evaluationError: error }),
  };
  return created({ ...review, status } as KubeObject);
}

function created(object: KubeObject): ObjectAnswer {
  return { kind: "object", status: 201, document: { object } };
}

function userOf({ user, groups, uid, extra }: SubjectAccessReviewSpec): UserInfo {
  return { name: user ?? "", groups: groups ?? [], ...(uid && { uid }), ...(extra && { extra }) };
}

function attributesOf(
  user: UserInfo,
  spec: { resourceAttributes?: ResourceAttributes; nonResourceAttributes?: NonResourceAttributes },
): AuthorizationAttributes {
  const { resourceAttributes: asked, nonResourceAttributes: path } = spec;
  return {
    user,
    verb: asked?.verb ?? path?.verb ?? "",
    isResourceRequest: asked !== undefined,
    path: path?.path ?? "",
    apiGroup: asked?.group ?? "",
    // An access review for no version in particular is for all of them.
    apiVersion: asked ? asked.version || "*" : "",
    namespace: asked?.namespace ?? "",
    resource: asked?.resource ?? "",
    subresource: asked?.subresource ?? "",
    name: asked?.name ?? "",
    ...(asked?.fieldSelector?.rawSelector && { fieldSelector: asked.fieldSelector.rawSelector }),
    ...(asked?.labelSelector?.rawSelector && { labelSelector: asked.labelSelector.rawSelector }),
  };
}
