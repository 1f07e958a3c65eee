// What the controller remembers of each node between two looks at it.

export interface KnownNode {
  readonly uid: string | undefined;
  readonly firstSeenMs: number;
  /** Pods that must be told that their node is not ready: some, or all of them. */
  podsToMark: "all" | Set<string>;
}

export type NodeRoster = Map<string, KnownNode>;
