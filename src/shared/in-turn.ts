// Actions that would spoil each other's work, one after another: all that are about the same thing, in this process.

const turns = new Map<string, Promise<unknown>>();

/** Runs the action when those before it with the same key (such as the path of what they change) have ended, however they did. */
export function inTurn<T>(key: string, action: () => Promise<T>): Promise<T> {
  const turn = (turns.get(key) ?? Promise.resolve()).then(action);
  const last = turn
    .catch(() => {})
    .then(() => {
      if (turns.get(key) === last) turns.delete(key);
    });
  turns.set(key, last);
  return turn;
}
