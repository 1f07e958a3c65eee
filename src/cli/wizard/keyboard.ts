// The person's keys, one at a time, from a terminal in raw mode.

import { emitKeypressEvents } from "node:readline";
import { exitCodes, UserError } from "#shared";

export interface Key {
  /** "up", "return", "escape", "a", …; "" where the terminal has no name for it. */
  readonly name: string;
  /** What it writes, if anything. */
  readonly text: string;
  readonly ctrl: boolean;
}

export interface Keyboard {
  /** Rejects with a UserError where the person interrupts (Ctrl-C, Ctrl-D) or goes away. */
  next(): Promise<Key>;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Takes the terminal's keys until it is closed. */
export function openKeyboard(input: NodeJS.ReadStream, signal: AbortSignal): Keyboard {
  const pressed: Key[] = [];
  let gone: unknown;
  let wake = () => {};
  const take = (text: string | undefined, key: { name?: string; ctrl?: boolean; meta?: boolean }) => {
    pressed.push({
      name: key.name ?? text ?? "",
      text: key.ctrl || key.meta ? "" : (text ?? ""),
      ctrl: key.ctrl === true,
    });
    wake();
  };
  const leave = (reason: unknown) => {
    gone ??= reason;
    wake();
  };
  const end = () => leave(interrupted());
  const abort = () => leave(signal.reason);
  emitKeypressEvents(input);
  input.setRawMode(true);
  input.on("keypress", take).on("end", end);
  signal.addEventListener("abort", abort);
  input.resume();
  return {
    async next() {
      while (pressed.length === 0 && gone === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const key = pressed.shift();
      if (!key) throw gone;
      if (key.ctrl && (key.name === "c" || key.name === "d")) throw interrupted();
      return key;
    },
    close() {
      input.off("keypress", take).off("end", end);
      signal.removeEventListener("abort", abort);
      input.setRawMode(false);
      input.pause();
    },
  };
}

function interrupted(): UserError {
  return new UserError("interrupted; nothing was changed", { exitCode: exitCodes.interrupted });
}
