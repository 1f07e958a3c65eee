// OpenTofu does one thing at a time in a folder: calls take turns, and those that wait hear of their own machine meanwhile.

import type { TofuMessage } from "./messages.ts";

export interface Turns {
  /** Runs the action when the ones before it have ended, however they did. */
  take<T>(who: Listener, action: () => Promise<T>): Promise<T>;
  /** Tells whom it concerns: the waiting one whose machine it is, else the one whose turn it is. */
  tell(message: TofuMessage): void;
}

export interface Listener {
  /** Absent: everything that is nobody's. */
  readonly machine?: string;
  report?(detail: string): void;
}

export function createTurns(): Turns {
  const listeners: Listener[] = [];
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(who, action) {
      listeners.push(who);
      const turn = last.then(action).finally(() => listeners.splice(listeners.indexOf(who), 1));
      last = turn.catch(() => {});
      return turn;
    },
    tell(message) {
      if (message.type !== "progress") return;
      const machine = /\["(.+)"\]$/.exec(message.address)?.[1];
      const listener = listeners.find((each) => machine !== undefined && each.machine === machine) ?? listeners[0];
      listener?.report?.(message.detail);
    },
  };
}
