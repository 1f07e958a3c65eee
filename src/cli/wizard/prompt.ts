// One question on a terminal: what each key does to it, and how it looks. Pure; ask.ts brings keys and screen together.

import { wrapText } from "../text/wrap-text.ts";
import type { Key } from "./keyboard.ts";

export interface PromptChoice {
  readonly value: unknown;
  readonly label: string;
}

export interface Prompt {
  readonly ask: string;
  /** Shown when "?" is pressed. */
  readonly help?: string;
  /** Without choices, a text is typed. */
  readonly choices?: readonly PromptChoice[];
  /** What Enter takes when nothing else was said. */
  readonly suggestion: unknown;
  readonly mayGoBack: boolean;
}

export interface PromptState {
  readonly text: string;
  readonly index: number;
  readonly showsHelp: boolean;
  /** Why the last answer did not do. */
  readonly problem?: string;
}

export type Pressed =
  | { readonly state: PromptState }
  | { readonly state?: undefined; readonly action: "back" }
  | { readonly state?: undefined; readonly action: "answer"; readonly answer: unknown };

export function startPrompt({ choices = [], suggestion }: Prompt, problem?: string): PromptState {
  const index = Math.max(
    0,
    choices.findIndex(({ value }) => value === suggestion),
  );
  return { text: "", index, showsHelp: false, ...(problem !== undefined && { problem }) };
}

/** What a key does. */
export function pressKey(prompt: Prompt, state: PromptState, key: Key): Pressed {
  const isBack = key.name === "escape" || (key.name === "left" && state.text === "");
  if (isBack) return prompt.mayGoBack ? { action: "back" } : { state };
  if (key.text === "?" && state.text === "") return { state: { ...state, showsHelp: !state.showsHelp } };
  return prompt.choices ? pressInChoices(prompt.choices, state, key) : pressInText(prompt, state, key);
}

function pressInChoices(choices: readonly PromptChoice[], state: PromptState, { name, text }: Key): Pressed {
  const move = (by: number): Pressed => {
    return { state: { ...state, index: (state.index + by + choices.length) % choices.length } };
  };
  if (name === "up" || name === "k") return move(-1);
  if (name === "down" || name === "j" || name === "tab") return move(1);
  if (name === "return" || name === "enter" || name === "right")
    return { action: "answer", answer: choices[state.index]!.value };
  const number = Number(text);
  return number >= 1 && number <= choices.length ? { state: { ...state, index: number - 1 } } : { state };
}

function pressInText({ suggestion }: Prompt, state: PromptState, { name, text, ctrl }: Key): Pressed {
  if (name === "return" || name === "enter") {
    if (state.text !== "") return { action: "answer", answer: state.text };
    return suggestion === undefined
      ? { state: { ...state, problem: "is required" } }
      : { action: "answer", answer: suggestion };
  }
  if (name === "backspace") return { state: { ...state, text: state.text.slice(0, -1) } };
  if (ctrl && name === "u") return { state: { ...state, text: "" } };
  const isTyped = text >= " " && text !== "\u007f";
  return { state: isTyped ? { ...state, text: state.text + text } : state };
}

export interface Look {
  readonly columns: number;
  readonly colours: boolean;
}

/** The question as lines that fit the screen. */
export function drawPrompt(prompt: Prompt, state: PromptState, look: Look): string[] {
  const { ask, help, choices, suggestion, mayGoBack } = prompt;
  const paint = painter(look);
  const hint = choices || suggestion === undefined ? "" : ` (${formatValue(suggestion)})`;
  const room = Math.max(look.columns - ask.length - hint.length - 5, 8);
  const cursor = look.colours ? paint("7", " ") : "_";
  const typed = choices ? "" : ` ${state.text.slice(-room)}${cursor}`;
  const keys = [
    choices ? "arrows and Enter" : "Enter takes what is in brackets",
    ...(help ? ["? explains"] : []),
    ...(mayGoBack ? ["Esc goes back"] : []),
    "Ctrl-C leaves",
  ];
  return [
    `${paint("36", "?")} ${paint("1", ask)}${paint("2", hint)}${typed}`,
    ...(choices ?? []).map(({ label }, index) => {
      const line = fit(`${index === state.index ? "> " : "  "}${label}`, look.columns - 2);
      return `  ${index === state.index ? paint("36", line) : line}`;
    }),
    ...(state.problem === undefined
      ? []
      : wrapText(state.problem, look.columns - 4).map((line) => `  ${paint("31", line)}`)),
    ...(state.showsHelp && help ? wrapText(help, look.columns - 4).map((line) => `  ${line}`) : []),
    `  ${paint("2", fit(keys.join(" · "), look.columns - 4))}`,
  ];
}

/** What stays of a question that was answered. */
export function drawAnswer({ ask, choices }: Prompt, answer: unknown, look: Look): string {
  const paint = painter(look);
  const label = choices?.find(({ value }) => value === answer)?.label ?? formatValue(answer);
  return `${paint("32", "✔")} ${fit(`${ask} ${label}`, look.columns - 4)}`;
}

function formatValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function fit(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(columns - 1, 0))}…`;
}

function painter({ colours }: Look): (code: string, text: string) => string {
  return (code, text) => (colours && text !== "" ? `\u001b[${code}m${text}\u001b[0m` : text);
}
