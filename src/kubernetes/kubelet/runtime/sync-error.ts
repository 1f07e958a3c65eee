// Why a container could not be started: upstream's reasons, which a waiting container's status shows.

export type StartFailureReason =
  | "CrashLoopBackOff"
  | "ErrImagePull"
  | "ImagePullBackOff"
  | "ErrImageNeverPull"
  | "ImageInspectError"
  | "InvalidImageName"
  | "RegistryUnavailable"
  | "SignatureValidationFailed"
  | "CreateContainerConfigError"
  | "CreateContainerError"
  | "RunContainerError"
  | "PostStartHookError";

export class StartError extends Error {
  override readonly name = "StartError";
  readonly reason: StartFailureReason;
  /** When it may be tried again, in milliseconds since the epoch; absent: with the pod's usual back-off. */
  readonly retryAt: number | undefined;

  constructor(reason: StartFailureReason, message: string, options: { readonly retryAt?: number } = {}) {
    super(message);
    this.reason = reason;
    this.retryAt = options.retryAt;
  }
}
