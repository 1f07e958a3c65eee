// Finds the resource and verb a request is about and answers it, or says that there is no such thing.

import { genericError, notFound, StatusError } from "#kubernetes/api";
import { type Answer, type Call, type Handler, warn } from "../call.ts";
import { pageNotFound } from "../paths/page-not-found.ts";
import type { RegistryContext, ResourceCall, Verb } from "./context.ts";
import { createObject } from "./create.ts";
import { deleteObject } from "./delete.ts";
import { deleteCollection } from "./delete-collection.ts";
import { warnOfDeprecation } from "./deprecations.ts";
import { getObject } from "./get.ts";
import { listObjects } from "./list.ts";
import { patchObject } from "./patch.ts";
import type { ResourceTable } from "./resources/resource-table.ts";
import { groupResourceOf, type ServedResource } from "./resources/served-resource.ts";
import { updateObject } from "./update.ts";
import { watchObjects } from "./watch/watch.ts";

/** The verbs of one resource or subresource that are not the usual ones, by name. */
export type VerbTable = Readonly<Record<string, Verb<Answer>>>;

export interface RegistryOptions {
  readonly resources: ResourceTable;
  /**
   * The verbs of a subresource, or of a resource that does not store what it is sent (subresource ""); undefined where they
   * are the usual ones.
   */
  readonly specialVerbs: (resource: ServedResource, subresource: string) => VerbTable | undefined;
}

const resourceVerbs: VerbTable = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};

/** Subresources that show and change the whole object: status, resize, ephemeralcontainers. */
const wholeObjectVerbs: VerbTable = { get: getObject, update: updateObject, patch: patchObject };

export function createRegistry(context: RegistryContext, options: RegistryOptions): Handler {
  return async (call) => {
    const request = findResource(call, options.resources);
    if (!request) return pageNotFound;
    const verb = findVerb(request, options);
    // Only what is offered is deprecated.
    if (!request.resource.custom) warnOfDeprecation(call);
    return verb(context, request);
  };
}

/** Undefined where the server knows nothing of the group or version; throws NotFound for an unknown resource of a known one. */
function findResource(call: Call, resources: ResourceTable): ResourceCall | undefined {
  const { info } = call;
  const resource = resources.find(info.apiGroup, info.apiVersion, info.resource);
  if (resource) {
    if (!fitsScope(resource, info)) {
      if (resource.custom) return undefined;
      throw resourceNotFound();
    }
    if (resource.custom) for (const text of resource.custom.warnings) warn(call, text);
    return { call, resource, subresource: info.subresource };
  }
  const version = resources.version(info.apiGroup, info.apiVersion);
  if (!version || version.resources.every((each) => each.custom)) return undefined;
  throw resourceNotFound();
}

/** Objects of a namespace are asked for within it, those of the cluster without; only lists go across all. */
function fitsScope(resource: ServedResource, { namespace, parts }: Call["info"]): boolean {
  if (resource.info.namespaced) return namespace !== "" || parts.length === 1;
  return namespace === "" || resource.info.resource === "namespaces";
}

function findVerb(request: ResourceCall, options: RegistryOptions): Verb<Answer> {
  const { resource, subresource, call } = request;
  const { verb } = call.info;
  const offered = subresource === "" ? resource.info.verbs : resource.subresources.get(subresource)?.verbs;
  if (!offered) throw resource.custom ? notFound(groupResourceOf(resource), call.info.name) : resourceNotFound();
  const special = options.specialVerbs(resource, subresource);
  const found = (special ?? (subresource === "" ? resourceVerbs : wholeObjectVerbs))[verb];
  // What discovery tells of a custom resource that is going is less than what is still answered.
  const isGoing = resource.custom !== undefined && subresource === "";
  const isOffered = isGoing || offered.some((each) => each === verb) || special?.[verb] !== undefined;
  if (!found || !isOffered || !fitsName(call, verb, resource)) {
    throw resource.custom ? methodNotSupported(resource, verb) : methodNotAllowed();
  }
  return found;
}

/** A create of an object goes to the collection, all but lists to one object. */
function fitsName({ info }: Call, verb: string, resource: ServedResource): boolean {
  const isNamed = (info.parts[1] ?? "") !== "";
  if (info.subresource !== "") return isNamed;
  if (verb === "create") return !isNamed && (info.namespace !== "" || !resource.info.namespaced);
  // Nobody empties all namespaces at once.
  if (verb === "deletecollection") return info.namespace !== "" || !resource.info.namespaced;
  return verb === "list" || verb === "watch" || isNamed;
}

export function resourceNotFound(): StatusError {
  return genericError(404, "NotFound", "the server could not find the requested resource");
}

function methodNotSupported({ info }: ServedResource, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind "${info.resource}.${info.group}"`;
  const details = { group: info.group, kind: info.resource };
  return new StatusError({ code: 405, reason: "MethodNotAllowed", message, details });
}

export function methodNotAllowed(): StatusError {
  return genericError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
}
