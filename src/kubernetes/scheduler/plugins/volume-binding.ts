export interface VolumeBindingArgs {
  /** How long PreBind waits for the volumes to be bound. Default 600. */
  readonly bindTimeoutSeconds?: number;
}
