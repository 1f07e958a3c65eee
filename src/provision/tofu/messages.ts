// What OpenTofu says while it works: one JSON object a line (its "machine-readable UI", version 1). Pure.

import { asObject, type JsonObject } from "./json.ts";

export type TofuMessage =
  /** What is being done, in one short line. */
  | { readonly type: "progress"; readonly address: string; readonly detail: string }
  | TofuDiagnostic
  /** What was done in all, or will be. */
  | { readonly type: "summary"; readonly add: number; readonly change: number; readonly remove: number };

export interface TofuDiagnostic {
  readonly type: "diagnostic";
  readonly severity: "error" | "warning";
  readonly summary: string;
  readonly detail: string;
  /** The resource it is about: "aws_vpc.cluster". */
  readonly address?: string;
  /** Where: "network.tf.json:12". */
  readonly place?: string;
}

const words: Readonly<Record<string, string>> = {
  create: "creating",
  read: "reading",
  update: "changing",
  delete: "removing",
};

/** Undefined for what nobody needs to know, and for lines that are no message at all. */
export function parseMessage(line: string): TofuMessage | undefined {
  const message = parseObject(line);
  const hook = asObject(message["hook"]);
  switch (message["type"]) {
    case "apply_start":
      return describeProgress(hook, textOf(hook["action"], words));
    case "apply_progress":
      return describeProgress(hook, `${textOf(hook["action"], words)} ${Number(hook["elapsed_seconds"] ?? 0)} s`);
    case "apply_complete":
      return describeProgress(hook, "done");
    case "diagnostic":
      return parseDiagnostic(asObject(message["diagnostic"]));
    case "change_summary": {
      const { add, change, remove } = asObject(message["changes"]);
      return { type: "summary", add: Number(add ?? 0), change: Number(change ?? 0), remove: Number(remove ?? 0) };
    }
    default:
      return undefined;
  }
}

/** `aws_instance.machine["demo-worker-1"]: creating 20 s` */
function describeProgress(hook: JsonObject, what: string): TofuMessage {
  const address = String(asObject(hook["resource"])["addr"] ?? "a resource");
  return { type: "progress", address, detail: `${address}: ${what}` };
}

function parseDiagnostic(diagnostic: JsonObject): TofuDiagnostic {
  const { severity, summary, detail, address } = diagnostic;
  const range = asObject(diagnostic["range"]);
  const line = asObject(range["start"])["line"];
  return {
    type: "diagnostic",
    severity: severity === "warning" ? "warning" : "error",
    summary: String(summary ?? "unknown error"),
    detail: String(detail ?? ""),
    ...(typeof address === "string" && { address }),
    ...(typeof range["filename"] === "string" && {
      place: `${range["filename"]}${line === undefined ? "" : `:${line}`}`,
    }),
  };
}

function textOf(value: unknown, texts: Readonly<Record<string, string>>): string {
  return texts[String(value)] ?? String(value);
}

function parseObject(line: string): JsonObject {
  try {
    return asObject(JSON.parse(line));
  } catch {
    return {};
  }
}
