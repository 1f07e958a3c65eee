// Plays one recorded scenario against a server and pairs its answers with the recorded ones.

import { setTimeout as sleep } from "node:timers/promises";
import { mask } from "./mask.ts";
import type { Answer, RecordedStep } from "./recordings.ts";
import type { Sender, Sent } from "./senders.ts";

export interface PlayedStep {
  readonly title: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

const none = new Map<string, string>();

/** A moment in which the server settles what it does in the background. */
const moment = 50;

/** Plays the steps in a namespace of their own. `token` goes with requests that name none. */
export async function runScenario(steps: readonly RecordedStep[], send: Sender, token: string): Promise<PlayedStep[]> {
  const names = new Map([
    ["ns", "replayed-1"],
    ["id", "7e571d"],
  ]);
  await makeNamespace(send, token, "replayed-1");
  const played: PlayedStep[] = [];
  for (const { request, answer: expected } of steps) {
    const [method, path, , , kept = {}] = request;
    if (method === "WAIT") {
      await sleep(moment);
      continue;
    }
    const answer = await send(toSend(request, names, token));
    for (const [name, place] of Object.entries(kept)) names.set(name, String(dig(answer.body, place) ?? ""));
    const actual = mask(answer, names) as Answer;
    played.push({
      title: `${method} ${path}`,
      expected: withoutMissingType(mask(expected, none), actual),
      actual: withoutMissingType(actual),
    });
  }
  return played;
}

/** Without controllers nobody makes the namespace's service account. */
async function makeNamespace(send: Sender, token: string, name: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const post = (path: string, body: object) => send({ method: "POST", path, body: JSON.stringify(body), headers });
  await post("/api/v1/namespaces", { metadata: { name } });
  await post(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: "default" } });
}

function toSend(request: RecordedStep["request"], names: ReadonlyMap<string, string>, token: string): Sent {
  const [method, path, body, extra] = fillIn(request, names);
  const headers: Record<string, string | null> = { Accept: "application/json", Authorization: `Bearer ${token}` };
  if (body !== undefined && body !== null) headers["Content-Type"] = "application/json";
  for (const [name, value] of Object.entries(extra ?? {})) {
    if (name !== "token") headers[name] = value;
    else headers["Authorization"] = value ? `Bearer ${value}` : null;
  }
  const present = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null);
  return {
    method,
    path,
    headers: Object.fromEntries(present.map(([name, value]) => [name.toLowerCase(), value])),
    ...(body !== undefined && body !== null && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  };
}

/** The value with "{name}" replaced by what the name stands for, in keys, too. */
function fillIn<T>(value: T, names: ReadonlyMap<string, string>): T {
  return fill(value, names) as T;
}

function fill(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") {
    return [...names].reduce((text, [name, meaning]) => text.replaceAll(`{${name}}`, meaning), value);
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, names));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [fillIn(key, names), fill(field, names)]));
}

function dig(value: unknown, path: string): unknown {
  return path.split(".").reduce((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
}

/** Without the media type where there is none in process. */
function withoutMissingType(answer: unknown, other?: Answer): unknown {
  const { type, ...rest } = answer as Answer;
  const keepsType = type !== undefined && (other === undefined || other.type !== undefined);
  return { ...rest, ...(keepsType && { type }) };
}
