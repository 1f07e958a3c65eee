// What plug-ins answer, as tagged unions. Errors are not among them: a plug-in that cannot do its work throws.

/** Yes. */
export interface Success {
  readonly code: "Success";
}

/** Nothing to do for this pod: the plug-in's later extension points are passed over. */
export interface Skip {
  readonly code: "Skip";
}

/** Not yet: the pod keeps its place until the plug-in allows or rejects it, at most so long. */
export interface Wait {
  readonly code: "Wait";
  readonly timeoutMs: number;
}

/**
 * No. "Unschedulable": not as things are, though fewer pods might help; "UnschedulableAndUnresolvable": not even then; "Pending":
 * the plug-in waits for something outside and wants the pod tried as soon as that has come.
 */
export interface Rejection {
  readonly code: "Unschedulable" | "UnschedulableAndUnresolvable" | "Pending";
  readonly reasons: readonly string[];
  /** The plug-in that says so; "" where no one plug-in does. */
  readonly plugin: string;
}

export const success: Success = { code: "Success" };
export const skip: Skip = { code: "Skip" };

export function isRejection(status: Success | Skip | Wait | Rejection): status is Rejection {
  return status.code !== "Success" && status.code !== "Skip" && status.code !== "Wait";
}

/** Plug-ins make their rejections once: a filter that says no thousands of times makes no objects. */
export function unschedulable(plugin: string, ...reasons: string[]): Rejection {
  return { code: "Unschedulable", reasons, plugin };
}

export function unresolvable(plugin: string, ...reasons: string[]): Rejection {
  return { code: "UnschedulableAndUnresolvable", reasons, plugin };
}
