// The wizard at a terminal: asks one question after the other, shows the file, and lets the person go back from everywhere.

import {
  answerQuestion,
  type ConfigDraft,
  goBack,
  nextQuestion,
  startWizard,
  type WizardState,
  writeConfig,
} from "#config";
import type { CliContext } from "../context.ts";
import { ask, eraseAnswer } from "./ask.ts";
import type { Keyboard } from "./keyboard.ts";

/** What the person wants in the file. Rejects where they interrupt. Closes the keyboard. */
export async function runWizard(context: CliContext, keyboard: Keyboard, output: string): Promise<ConfigDraft> {
  try {
    let state = startWizard();
    let isAccepted = false;
    while (!isAccepted) {
      state = await askAll(context, state, keyboard);
      isAccepted = await confirm(context, state, { keyboard, output });
      if (!isAccepted) state = goBack(state);
    }
    return state.draft;
  } finally {
    keyboard.close();
  }
}

async function askAll(context: CliContext, from: WizardState, keyboard: Keyboard): Promise<WizardState> {
  let state = from;
  let problem: string | undefined;
  for (let question = nextQuestion(state); question; question = nextQuestion(state)) {
    const prompt = { ...question, mayGoBack: state.answered.length > 0 };
    const asked = await ask(context, prompt, { keyboard, ...(problem !== undefined && { problem }) });
    problem = undefined;
    if (asked.action === "back") {
      eraseAnswer(context);
      state = goBack(state);
      continue;
    }
    const result = answerQuestion(state, asked.answer);
    if (result.state) {
      state = result.state;
      continue;
    }
    eraseAnswer(context);
    problem = result.problem;
  }
  return state;
}

interface ConfirmOptions {
  readonly keyboard: Keyboard;
  readonly output: string;
}

async function confirm(
  context: CliContext,
  { draft }: WizardState,
  { keyboard, output }: ConfirmOptions,
): Promise<boolean> {
  context.err(`\n${writeConfig(draft)}\n`);
  const prompt = {
    ask: output === "-" ? "Is this what you want?" : `Write this to ${output}?`,
    choices: [
      { value: true, label: "yes" },
      { value: false, label: "no, back to the last question" },
    ],
    suggestion: true,
    mayGoBack: true,
  };
  const asked = await ask(context, prompt, { keyboard });
  return asked.action === "answer" && asked.answer === true;
}
