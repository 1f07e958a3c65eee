import assert from "node:assert/strict";
import { test } from "node:test";
import type { Key } from "./keyboard.ts";
import { drawAnswer, drawPrompt, type Pressed, type Prompt, pressKey, startPrompt } from "./prompt.ts";

const choice: Prompt = {
  ask: "Which pod network?",
  help: "The pod network.",
  choices: [
    { value: "slipway", label: "slipway's own" },
    { value: "none", label: "none: I bring one" },
  ],
  suggestion: "slipway",
  mayGoBack: true,
};
const text: Prompt = { ask: "What is it called?", suggestion: "dev", mayGoBack: false };
const look = { columns: 60, colours: false };

function key(name: string): Key {
  return { name, text: name.length === 1 ? name : "", ctrl: false };
}

/** What comes of the keys; the state where nothing was decided. */
function press(prompt: Prompt, ...names: string[]): Pressed {
  let pressed: Pressed = { state: startPrompt(prompt) };
  for (const name of names) {
    assert.ok(pressed.state, `decided before ${name}`);
    pressed = pressKey(prompt, pressed.state, key(name));
  }
  return pressed;
}

test("pressKey: arrows move around, numbers jump, Enter takes", () => {
  assert.deepEqual(press(choice, "return"), { action: "answer", answer: "slipway" });
  assert.deepEqual(press(choice, "down", "return"), { action: "answer", answer: "none" });
  assert.deepEqual(press(choice, "up", "return"), { action: "answer", answer: "none" });
  assert.deepEqual(press(choice, "2", "1", "return"), { action: "answer", answer: "slipway" });
});

test("pressKey: a typed text; Enter alone takes the suggestion, where there is one", () => {
  assert.deepEqual(press(text, "return"), { action: "answer", answer: "dev" });
  assert.deepEqual(press(text, "a", "b", "backspace", "?", "return"), { action: "answer", answer: "a?" });
  const nothing = press({ ...text, suggestion: undefined }, "return");
  assert.equal(nothing.state?.problem, "is required");
});

test("pressKey: escape and left go back, where there is a question before", () => {
  assert.deepEqual(press(choice, "escape"), { action: "back" });
  assert.deepEqual(press(choice, "left"), { action: "back" });
  assert.ok(press(text, "escape").state);
});

test("drawPrompt: the question, the choices, help on demand, the keys; no line is wider than the screen", () => {
  assert.deepEqual(drawPrompt(choice, startPrompt(choice), look), [
    "? Which pod network?",
    "  > slipway's own",
    "    none: I bring one",
    "  arrows and Enter · ? explains · Esc goes back · Ctrl-C …",
  ]);
  const helped = press(choice, "?");
  assert.ok(drawPrompt(choice, helped.state!, look).includes("  The pod network."));
  const typed = press(text, ..."x".repeat(200));
  const lines = drawPrompt(text, { ...typed.state!, problem: "must be shorter" }, look);
  assert.ok(
    lines.every((line) => line.length <= look.columns),
    lines.join("\n"),
  );
  assert.ok(lines.includes("  must be shorter"));
});

test("drawAnswer: one line, with what the choice is called", () => {
  assert.equal(drawAnswer(choice, "none", look), "✔ Which pod network? none: I bring one");
  assert.equal(drawAnswer(text, "demo", look), "✔ What is it called? demo");
});
