// Asks one question on the terminal: draws it anew after each key, and leaves one line with the answer.

import type { CliContext } from "../context.ts";
import type { Keyboard } from "./keyboard.ts";
import { drawAnswer, drawPrompt, type Prompt, pressKey, startPrompt } from "./prompt.ts";

export type Asked = { readonly action: "back" } | { readonly action: "answer"; readonly answer: unknown };

export interface AskOptions {
  readonly keyboard: Keyboard;
  /** Why the last answer did not do. */
  readonly problem?: string;
}

/** Resolves with what the person decides; rejects where they interrupt. */
export async function ask(context: CliContext, prompt: Prompt, { keyboard, problem }: AskOptions): Promise<Asked> {
  const look = { columns: context.columns(), colours: context.colours };
  let state = startPrompt(prompt, problem);
  let rows = 0;
  const clear = () => (rows === 0 ? "" : `\u001b[${rows}A\r\u001b[J`);
  for (;;) {
    const lines = drawPrompt(prompt, state, look);
    context.err(`${clear()}${lines.join("\n")}\n`);
    rows = lines.length;
    const pressed = pressKey(prompt, state, await keyboard.next());
    if (pressed.state) {
      state = pressed.state;
      continue;
    }
    context.err(pressed.action === "back" ? clear() : `${clear()}${drawAnswer(prompt, pressed.answer, look)}\n`);
    return pressed;
  }
}

/** Takes the line of the last answer away, where the person went back to it. */
export function eraseAnswer(context: CliContext): void {
  context.err("\u001b[1A\r\u001b[J");
}
