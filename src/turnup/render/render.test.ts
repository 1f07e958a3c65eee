import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventListener, TurnupEvent } from "../events.ts";
import { formatDuration } from "./format-duration.ts";
import { renderJson } from "./json.ts";
import { renderPlain } from "./plain.ts";
import { renderTerminal } from "./terminal.ts";

const events: readonly TurnupEvent[] = [
  {
    type: "run-started",
    run: "up",
    cluster: "demo",
    steps: [
      { id: "net", phase: "provision", title: "Create the network", needs: [], action: "apply" },
      { id: "pki", phase: "bootstrap", title: "Make certificates", needs: [], action: "apply" },
      { id: "old", phase: "provision", title: "Create machine old", needs: [], action: "undo" },
    ],
  },
  { type: "step-started", id: "net" },
  { type: "step-started", id: "pki" },
  { type: "step-progress", id: "net", detail: "bridge" },
  { type: "step-done", id: "net", changed: true, ms: 120 },
  { type: "step-done", id: "pki", changed: false, ms: 3 },
  { type: "step-failed", id: "old", message: "Cannot undo: busy", hints: [], ms: 1500 },
  { type: "run-failed", run: "up", cluster: "demo", message: "Cannot undo: busy", ms: 2000 },
];

function collect(make: (write: (text: string) => void) => EventListener): string {
  let text = "";
  const listener = make((part) => {
    text += part;
  });
  for (const event of events) listener(event);
  return text;
}

test("renderPlain: a line for each step that changed something or failed", () => {
  assert.equal(collect(renderPlain), "✓ Create the network (0.12 s)\n✗ Undo: create machine old (1.5 s)\n");
});

test("renderJson: one line per event, with its time", () => {
  const lines = collect((write) => renderJson(write, () => 0))
    .trimEnd()
    .split("\n");
  assert.equal(lines.length, events.length);
  assert.deepEqual(JSON.parse(lines[1]!), { time: "1970-01-01T00:00:00.000Z", type: "step-started", id: "net" });
});

test("renderTerminal: one line per phase, redrawn in place, cut to the width", () => {
  let stopped = false;
  const every = () => () => {
    stopped = true;
  };
  const text = collect((write) => renderTerminal({ write, columns: () => 40, now: () => 0, every }));
  const screens = text.split("\u001b[2A");
  assert.match(screens.at(-1)!, /^ ✗ Provision {2}2\/2\S*\n ✓ Bootstrap {2}0\.00 s\S*\n$/);
  assert.match(text, / ⠋ Provision {2}0\/2 Create the network: …\u001b/);
  assert.ok(stopped);
});

test("formatDuration: two digits that matter", () => {
  assert.deepEqual([3, 999, 1234, 125_000].map(formatDuration), ["0.00 s", "1.00 s", "1.2 s", "2 min 5 s"]);
});
