// What one try of a probe came to.

/**
 * success and warning count as success, failure as failure. An unknown result counts as failure in the end, but is tried
 * again first: the probe itself could not be carried out.
 */
export interface ProbeResult {
  readonly result: "success" | "warning" | "failure" | "unknown";
  /** What is shown in the event. */
  readonly output: string;
}

/** At most so much of what a probe answers is kept. */
export const longestOutput = 10 * 1024;

export function succeed(output = ""): ProbeResult {
  return { result: "success", output };
}

export function fail(output: string): ProbeResult {
  return { result: "failure", output };
}
