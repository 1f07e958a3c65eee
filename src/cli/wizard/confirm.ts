// A question with two answers, of which no is suggested.

import type { CliContext } from "../context.ts";
import { ask } from "./ask.ts";

/** Whether the person says yes; true where nobody sits at a terminal. */
export async function confirm(context: CliContext, question: string): Promise<boolean> {
  if (!context.openKeyboard) return true;
  const keyboard = context.openKeyboard();
  try {
    const choices = [
      { value: false, label: "no, leave everything as it is" },
      { value: true, label: "yes" },
    ];
    const asked = await ask(context, { ask: question, choices, suggestion: false, mayGoBack: false }, { keyboard });
    return asked.action === "answer" && asked.answer === true;
  } finally {
    keyboard.close();
  }
}
