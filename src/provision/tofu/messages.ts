// What OpenTofu says while it works: one JSON object a line (its "machine-readable UI", version 1). Pure.

export type TofuMessage =
  /** What is being done, in one short line. */
  | { readonly type: "progress"; readonly detail: string }
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
  const hook = objectOf(message?.["hook"]);
  switch (message?.["type"]) {
    case "apply_start":
      return { type: "progress", detail: `${textOf(hook["action"], words)} ${addressOf(hook)}` };
    case "apply_progress":
      return {
        type: "progress",
        detail: `${textOf(hook["action"], words)} ${addressOf(hook)}, ${Number(hook["elapsed_seconds"] ?? 0)} s`,
      };
    case "apply_complete":
      return { type: "progress", detail: `${addressOf(hook)} is done` };
    case "diagnostic":
      return parseDiagnostic(objectOf(message["diagnostic"]));
    case "change_summary": {
      const { add, change, remove } = objectOf(message["changes"]);
      return { type: "summary", add: Number(add ?? 0), change: Number(change ?? 0), remove: Number(remove ?? 0) };
    }
    default:
      return undefined;
  }
}

function parseDiagnostic(diagnostic: Readonly<Record<string, unknown>>): TofuDiagnostic {
  const { severity, summary, detail, address } = diagnostic;
  const range = objectOf(diagnostic["range"]);
  const line = objectOf(range["start"])["line"];
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

function addressOf(hook: Readonly<Record<string, unknown>>): string {
  return String(objectOf(hook["resource"])["addr"] ?? "a resource");
}

function textOf(value: unknown, texts: Readonly<Record<string, string>>): string {
  return texts[String(value)] ?? String(value);
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
