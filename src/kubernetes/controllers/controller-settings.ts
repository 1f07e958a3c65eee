// What can be set about controllers, with kube-controller-manager's defaults (its flags are named beside each).

export interface ControllerSettings {
  /** The bundle published as kube-root-ca.crt in every namespace (--root-ca-file). PEM. */
  readonly rootCa?: string;
  /**
   * How long a deleted namespace waits before its contents are removed, so that requests under way (and, with several API
   * servers, their caches) come to rest. Upstream waits 5000; one server in this process needs far less. Default 100.
   */
  readonly namespaceDeletionGraceMs?: number;
}
