// authorizer: whether the one who asks may do something else, too. What decides is handed in by whoever evaluates.

import { checkDNS1123Label, checkDNS1123Subdomain } from "#kubernetes/api";
import { type CelType, objectType, types } from "../../values/type.ts";
import { CelError, type CelOpaque, type CelValue, NO_SUCH_OVERLOAD } from "../../values/value.ts";
import { declare, type FunctionDeclaration, memberOverload } from "../declare.ts";

const { bool, string } = types;
export const authorizerType = objectType("kubernetes.authorization.Authorizer");
const pathType = objectType("kubernetes.authorization.PathCheck");
const groupType = objectType("kubernetes.authorization.GroupCheck");
export const resourceCheckType = objectType("kubernetes.authorization.ResourceCheck");
const decisionType = objectType("kubernetes.authorization.Decision");

/** What an expression asks about. `serviceAccount` is whom it asks for, if not the one who makes the request. */
export interface AuthorizationQuestion {
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  readonly verb: string;
  readonly path?: string;
  readonly resource?: ResourceQuestion;
}

export interface ResourceQuestion {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

export interface AuthorizationAnswer {
  readonly allowed: boolean;
  readonly reason: string;
  /** Why it could not be decided. */
  readonly error?: string;
}

/** Answers at once: expressions are evaluated without waiting. */
export type Authorize = (question: AuthorizationQuestion) => AuthorizationAnswer;

type Account = AuthorizationQuestion["serviceAccount"];

class Receiver<T> implements CelOpaque {
  readonly kind = "opaque";
  readonly type: CelType;
  readonly state: T;

  constructor(type: CelType, state: T) {
    this.type = type;
    this.state = state;
  }

  equal(other: CelValue): CelValue {
    return other instanceof Receiver && other.type === this.type ? other.state === this.state : NO_SUCH_OVERLOAD;
  }
}

interface Asker {
  readonly authorize: Authorize;
  readonly account: Account;
}

type Authorizer = Receiver<Asker>;
type PathCheck = Receiver<Asker & { readonly path: string }>;
type GroupCheck = Receiver<Asker & { readonly group: string }>;
type ResourceCheck = Receiver<Asker & { readonly resource: ResourceQuestion }>;
type Decision = Receiver<AuthorizationAnswer>;

/** The variable `authorizer`. */
export function authorizerValue(authorize: Authorize): CelValue {
  return new Receiver(authorizerType, { authorize, account: undefined });
}

/** The variable `authorizer.requestResource`. */
export function requestResourceValue(
  authorize: Authorize,
  resource: Omit<ResourceQuestion, "fieldSelector" | "labelSelector">,
): CelValue {
  const question = { ...resource, fieldSelector: "", labelSelector: "" };
  return new Receiver(resourceCheckType, { authorize, account: undefined, resource: question });
}

function toPath({ state }: Authorizer, path: string): CelValue {
  if (path.trim() === "") return new CelError("path must not be empty");
  return new Receiver(pathType, { ...state, path });
}

function toServiceAccount({ state }: Authorizer, namespace: string, name: string): CelValue {
  if (checkDNS1123Subdomain(name).length > 0) return new CelError("Invalid service account name");
  if (checkDNS1123Label(namespace).length > 0) return new CelError("Invalid service account namespace");
  return new Receiver(authorizerType, { ...state, account: { namespace, name } });
}

function toResource({ state: { group, ...asker } }: GroupCheck, resource: string): CelValue {
  if (resource.trim() === "") return new CelError("resource must not be empty");
  const rest = { subresource: "", namespace: "", name: "", fieldSelector: "", labelSelector: "" };
  return new Receiver(resourceCheckType, { ...asker, resource: { group, resource, ...rest } });
}

function narrowed(name: string, id: string, field: keyof ResourceQuestion): FunctionDeclaration {
  return declare(
    name,
    memberOverload(
      id,
      [resourceCheckType, string],
      resourceCheckType,
      ({ state }: ResourceCheck, value: string) =>
        new Receiver(resourceCheckType, { ...state, resource: { ...state.resource, [field]: value } }),
    ),
  );
}

function ask({ authorize, account }: Asker, question: Omit<AuthorizationQuestion, "serviceAccount">): CelValue {
  return new Receiver(decisionType, authorize({ ...question, ...(account && { serviceAccount: account }) }));
}

function read(name: string, type: CelType, of: (answer: AuthorizationAnswer) => CelValue): FunctionDeclaration {
  return declare(
    name,
    memberOverload(`decision_${name}`, [decisionType], type, ({ state }: Decision) => of(state)),
  );
}

export const authorizerFunctions: readonly FunctionDeclaration[] = [
  declare("path", memberOverload("authorizer_path", [authorizerType, string], pathType, toPath)),
  declare(
    "group",
    memberOverload(
      "authorizer_group",
      [authorizerType, string],
      groupType,
      ({ state }: Authorizer, group: string) => new Receiver(groupType, { ...state, group }),
    ),
  ),
  declare(
    "serviceAccount",
    memberOverload("authorizer_serviceaccount", [authorizerType, string, string], authorizerType, toServiceAccount),
  ),
  declare("resource", memberOverload("groupcheck_resource", [groupType, string], resourceCheckType, toResource)),
  narrowed("subresource", "resourcecheck_subresource", "subresource"),
  narrowed("namespace", "resourcecheck_namespace", "namespace"),
  narrowed("name", "resourcecheck_name", "name"),
  narrowed("fieldSelector", "authorizer_fieldselector", "fieldSelector"),
  narrowed("labelSelector", "authorizer_labelselector", "labelSelector"),
  declare(
    "check",
    memberOverload("pathcheck_check", [pathType, string], decisionType, ({ state }: PathCheck, verb: string) =>
      ask(state, { verb, path: state.path }),
    ),
    memberOverload(
      "resourcecheck_check",
      [resourceCheckType, string],
      decisionType,
      ({ state }: ResourceCheck, verb: string) => ask(state, { verb, resource: state.resource }),
    ),
  ),
  read("errored", bool, (answer) => answer.error !== undefined),
  read("error", string, (answer) => answer.error ?? ""),
  read("allowed", bool, (answer) => answer.allowed),
  read("reason", string, (answer) => answer.reason),
];
