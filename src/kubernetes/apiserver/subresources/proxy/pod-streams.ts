// exec, attach and port-forward: the client's upgraded connection is joined with one to the kubelet, which speaks whatever
// protocol (SPDY, WebSocket) the client has asked for.

import { badRequest } from "#kubernetes/api";
import { forbiddenError } from "../../authorization/forbidden.ts";
import type { Answer } from "../../call.ts";
import type { LiveObjects } from "../../live-objects.ts";
import type { RegistryContext, ResourceCall, Verb } from "../../registry/context.ts";
import { isTrue } from "../../request-info.ts";
import { admitConnect } from "./admit-connect.ts";
import type { Backends } from "./backend.ts";
import type { KubeletFinder } from "./kubelet-address.ts";
import { chooseContainer, findPod } from "./pod-target.ts";
import { joinUpgrade } from "./upgrade.ts";

export interface PodStreamsParts {
  readonly objects: LiveObjects;
  readonly kubelets: KubeletFinder;
  readonly backends: Backends;
}

export interface PodStreams {
  readonly exec: Verb<Answer>;
  readonly attach: Verb<Answer>;
  readonly portForward: Verb<Answer>;
}

export function createPodStreams(parts: PodStreamsParts): PodStreams {
  return {
    exec: stream(parts, "exec", (query) => [...streamsOf(query), ...query.getAll("command").map(asCommand)]),
    attach: stream(parts, "attach", streamsOf),
    portForward: stream(parts, "portForward", portsOf),
  };
}

type Pairs = [name: string, value: string][];

function stream(
  { objects, kubelets, backends }: PodStreamsParts,
  action: "exec" | "attach" | "portForward",
  readQuery: (query: URLSearchParams) => Pairs,
): Verb<Answer> {
  return async (context, request) => {
    await requireCreate(context, request);
    await admitConnect(context, request);
    const { query } = request.call.request;
    const { namespace, name } = request.call.info;
    const pod = await findPod(objects, namespace, name);
    const container = action === "portForward" ? "" : `/${chooseContainer(pod, query.get("container") ?? "")}`;
    const node = pod.spec?.nodeName;
    if (!node) throw badRequest(`pod ${name} does not have a host assigned`);
    const backend = await kubelets(node);
    const path = `/${action}/${namespace}/${name}${container}?${new URLSearchParams(readQuery(query))}`;
    return {
      kind: "stream",
      serve: (exchange) => joinUpgrade(exchange, backends, backend, { path, isRequired: true }),
    };
  };
}

/** WebSockets begin with GET; what they do is what "create" allows. */
async function requireCreate({ authorizer }: RegistryContext, { call }: ResourceCall): Promise<void> {
  if (call.info.verb === "create") return;
  const attributes = { ...call.info, user: call.user, verb: "create" };
  const { allowed, reason } = await authorizer.authorize(attributes);
  if (!allowed) throw forbiddenError(attributes, reason);
}

/** The kubelet's names for the streams. */
const kubeletNames = { stdin: "input", stdout: "output", stderr: "error", tty: "tty" } as const;

function streamsOf(query: URLSearchParams): Pairs {
  const names = Object.entries(kubeletNames).filter(([name]) => isTrue(query.get(name)));
  return names.map(([, name]) => [name, "1"]);
}

function asCommand(word: string): [string, string] {
  return ["command", word];
}

function portsOf(query: URLSearchParams): Pairs {
  const ports = query.getAll("ports").join(",");
  return ports === "" ? [] : [["port", ports]];
}
