import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, resolveConfig } from "../read-config.ts";
import { writeConfig } from "../write-config.ts";
import { answerQuestion, goBack, nextQuestion, startWizard, type WizardState } from "./flow.ts";

/** Answers by path; what is not named is answered as suggested. Returns what was asked, and the end. */
function run(answers: Readonly<Record<string, unknown>>): { asked: string[]; state: WizardState } {
  let state = startWizard();
  const asked: string[] = [];
  for (let question = nextQuestion(state); question; question = nextQuestion(state)) {
    asked.push(question.path);
    const result = answerQuestion(state, question.path in answers ? answers[question.path] : question.suggestion);
    assert.ok(result.state, `${question.path}: ${result.state ? "" : result.problem}`);
    state = result.state;
  }
  return { asked, state };
}

function answer(state: WizardState, value: unknown): WizardState {
  const result = answerQuestion(state, value);
  assert.ok(result.state, result.state ? "" : result.problem);
  return result.state;
}

/** The state in which that question is asked, all before it answered as suggested. */
function reach(path: string, answers: Readonly<Record<string, unknown>> = {}): WizardState {
  let state = startWizard();
  for (let question = nextQuestion(state); question?.path !== path; question = nextQuestion(state)) {
    assert.ok(question, `${path} is never asked`);
    state = answer(state, answers[question.path] ?? question.suggestion);
  }
  return state;
}

test("wizard: asks what matters and no more; defaults all the way make a good configuration", () => {
  const { asked, state } = run({});
  assert.ok(asked.includes("name") && asked.includes("workers[0].count"));
  assert.ok(!asked.some((path) => path.startsWith("network.")), asked.join());
  assert.ok(!asked.includes("controlPlane.replicas"), "a local cluster has one control plane");
  assert.deepEqual(state.draft["workers"], [{ count: 2 }]);
});

test("wizard: a gate opens the questions behind it", () => {
  const { asked, state } = run({ network: true, "network.serviceCIDR": "10.97.0.0/16" });
  assert.deepEqual(
    asked.filter((path) => path.startsWith("network.")),
    ["network.podCIDR", "network.serviceCIDR", "network.dnsDomain", "network.apiServerPort", "network.plugin"],
  );
  assert.equal((state.draft["network"] as Record<string, unknown>)["serviceCIDR"], "10.97.0.0/16");
});

test("wizard: what is suggested follows from earlier answers", () => {
  const state = reach("network.podCIDR", { network: true, "infrastructure.simulated": true });
  assert.equal(nextQuestion(state)!.suggestion, "100.64.0.0/10");
});

test("wizard: an answer that will not do is refused with the reason, and nothing changes", () => {
  const name = answerQuestion(startWizard(), "My Cluster");
  assert.ok(!name.state);
  assert.match(name.problem, /must consist of lower case letters/);
  const count = answerQuestion(reach("workers[0].count"), "many");
  assert.ok(!count.state);
  assert.match(count.problem, /must be a number, not "many"/);
  const range = answerQuestion(reach("network.serviceCIDR", { network: true }), "10.244.0.0/20");
  assert.ok(!range.state);
  assert.match(range.problem, /must not overlap network\.podCIDR/);
});

test("wizard: what an answer breaks elsewhere is told, too", () => {
  const result = answerQuestion(reach("workers[0].count"), "9000");
  assert.ok(!result.state);
  assert.match(result.problem, /^network\.podCIDR has room for/);
});

test("wizard: back takes the answer away and suggests it again", () => {
  const first = startWizard();
  const second = answer(first, "demo");
  const back = goBack(second);
  assert.deepEqual(back.draft, {});
  assert.equal(nextQuestion(back)!.path, "name");
  assert.equal(nextQuestion(back)!.suggestion, "demo");
  assert.equal(goBack(first), first);
});

test("wizard: choices are the schema's, with what is said about them; no choice is no question", () => {
  const gate = nextQuestion(reach("network"))!;
  assert.deepEqual(
    gate.choices!.map(({ value }) => value),
    [false, true],
  );
  const plugin = nextQuestion(reach("network.plugin", { network: true }))!;
  assert.deepEqual(
    plugin.choices!.map(({ value }) => value),
    ["slipway", "flannel", "calico", "cilium", "none"],
  );
  assert.match(plugin.help, /bring your own/);
});

test("wizard: a provider's required fields are asked right after it, in its own words, and its own defaults are written", () => {
  const aws = run({ "infrastructure.provider": "aws", "infrastructure.region": "eu-central-1" });
  assert.deepEqual(aws.asked.slice(0, 3), ["name", "infrastructure.provider", "infrastructure.region"]);
  assert.ok(!aws.asked.includes("infrastructure.simulated"));
  const gcp = run({
    "infrastructure.provider": "gcp",
    "infrastructure.region": "europe-west3",
    "infrastructure.project": "my-project",
  });
  assert.ok(gcp.asked.includes("infrastructure.project") && gcp.asked.includes("controlPlane.replicas"));
  const text = writeConfig(gcp.state.draft);
  assert.deepEqual(readConfig(text, "test").config, resolveConfig(gcp.state.draft));
  assert.match(text, /type: e2-standard/);
  assert.doesNotMatch(text, /type: t3/);
});
