// From what OpenTofu complains about to an error for people: what failed, where, and what can be done about it. Pure.

import { exitCodes, UserError } from "#shared";
import type { TofuDiagnostic } from "./messages.ts";

export interface Failure {
  /** What was tried: "apply", "destroy". */
  readonly action: string;
  readonly folder: string;
  readonly diagnostics: readonly TofuDiagnostic[];
  /** What it wrote besides messages; told where there are none. */
  readonly otherOutput: string;
  readonly exitCode: number | undefined;
  /** What the cloud would have a person do who is not known to it. */
  readonly credentialsHint: string;
}

const mostNamed = 5;

/** By a sign in the complaint's text, what to do. The first that fits is told. */
const remedies: readonly { readonly sign: RegExp; hint(failure: Failure): string }[] = [
  {
    sign: /state lock/i,
    hint: ({ folder }) =>
      `Another tofu is at work in ${folder}: wait for it. If it was killed, run \`tofu force-unlock\` there with the lock's ID.`,
  },
  {
    sign: /no valid credential|default credentials|InvalidClientTokenId|ExpiredToken|AuthFailure|invalid_grant|SignatureDoesNotMatch|credential.*(missing|not found|expired)/i,
    hint: ({ credentialsHint }) => credentialsHint,
  },
  {
    sign: /SERVICE_DISABLED|accessNotConfigured|API has not been used/,
    hint: () =>
      "Enable the project's APIs: `gcloud services enable compute.googleapis.com iam.googleapis.com cloudresourcemanager.googleapis.com`.",
  },
  {
    sign: /LimitExceeded|quota/i,
    hint: () =>
      "The account's quota is used up: raise it, ask for fewer or smaller machines, or choose another region.",
  },
  {
    sign: /InsufficientInstanceCapacity|ZONE_RESOURCE_POOL_EXHAUSTED|does not have enough resources|not supported in your requested Availability Zone/i,
    hint: () => "A zone has none of these machines: choose another type, or other zones, in infrastructure.",
  },
  {
    sign: /UnauthorizedOperation|AccessDenied|not authorized|Error 403|permission/i,
    hint: () => "The account in use may not do this: give it the right, or use another account.",
  },
  {
    sign: /DependencyViolation|resourceInUseByAnotherResource|is already being used by/i,
    hint: () =>
      "Something that the cluster made itself hangs on it: load balancers of Services, volumes. Remove it, then run the same command again.",
  },
  {
    sign: /query available provider packages|install provider|registry|no such host|connection refused|i\/o timeout/i,
    hint: () =>
      "OpenTofu fetches its providers from a registry: see that it can be reached, or set up a mirror (provider_installation in TF_CLI_CONFIG_FILE).",
  },
];

/** The error to be thrown for a run of OpenTofu that failed. */
export function describeFailure(failure: Failure): UserError {
  const errors = failure.diagnostics.filter(({ severity }) => severity === "error");
  const [first, ...others] = errors;
  const code = failure.exitCode === undefined ? "it was killed" : `exit code ${failure.exitCode}`;
  const what = first ? describeDiagnostic(first) : `${code}: ${complaintIn(failure.otherOutput)}`;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  const named = others.slice(0, mostNamed).map((other) => `- ${describeDiagnostic(other)}`);
  const texts = errors.map(({ summary, detail }) => `${summary} ${detail}`).join("\n") || failure.otherOutput;
  const remedy = remedies.find(({ sign }) => sign.test(texts));
  const look = `OpenTofu's files lie in ${failure.folder}; what was made is kept there, and the same command goes on from it.`;
  return new UserError(`Cannot ${failure.action} with OpenTofu: ${what}${more}`, {
    hints: [...named, ...(remedy ? [remedy.hint(failure)] : []), look],
    exitCode: exitCodes.provision,
  });
}

function describeDiagnostic({ summary, detail, address, place }: TofuDiagnostic): string {
  const where = [address, place].filter((part) => part !== undefined).join(", ");
  const why = detail.split("\n").find((line) => line.trim() !== "");
  return `${trimDot(summary)}${why === undefined ? "" : `: ${trimDot(why)}`}${where === "" ? "" : ` (${where})`}`;
}

function trimDot(text: string): string {
  return text.trim().replace(/\.$/, "");
}

/** Its first error with the first words of why, where it wrote for people; else the last line. */
function complaintIn(text: string): string {
  const lines = text.split("\n").map((line) => line.replace(/^[│╷╵\s]+/, "").trim());
  const at = lines.findIndex((line) => line.startsWith("Error: "));
  if (at < 0) return lines.findLast((line) => line !== "") ?? "it said nothing";
  const rest = lines.slice(at + 1);
  const start = rest.findIndex((line) => line !== "");
  const end = rest.indexOf("", start);
  const why = start < 0 ? "" : rest.slice(start, end < 0 ? undefined : end).join(" ");
  return trimDot(`${lines[at]!.slice("Error: ".length)}${why === "" ? "" : `: ${why}`}`);
}
