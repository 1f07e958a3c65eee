// Why a node does not take a pod: what the pod's status and an event say, in upstream's words.

export interface Refusal {
  readonly reason: string;
  readonly message: string;
}
