// A webhook that did not answer as it should, and whether asking it again may help.

export class WebhookError extends Error {
  override readonly name = "WebhookError";
  /** Connections that were reset; answers that say it was the server's fault (500, 504), too much at once (429), or when to come again. */
  readonly isTransient: boolean;

  constructor(message: string, isTransient: boolean) {
    super(message);
    this.isTransient = isTransient;
  }
}

/** Whether an answer of that status, perhaps with a Retry-After, is of a fault that may pass. */
export function isTransientStatus(status: number, retryAfter: string | undefined): boolean {
  if (status === 500 || status === 504 || status === 429) return true;
  return status > 500 && retryAfter !== undefined && /^\d+$/.test(retryAfter);
}
