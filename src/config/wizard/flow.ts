// The wizard's course, without a terminal: which question comes next, whether an answer will do, and the way back. A state is plain
// data and never changed.

import { checkConfig } from "../check-config.ts";
import { configApiVersion } from "../cluster-config.ts";
import { type ConfigProblem, formatPath } from "../config-problem.ts";
import { fieldOf, fitsSection } from "../schema-field.ts";
import { type ConfigDraft, parsePath, parseValue, setValue, valueIn } from "../set-value.ts";
import { answersOf, type Question, questions } from "./questions.ts";

export interface WizardState {
  readonly draft: ConfigDraft;
  readonly gates: Readonly<Record<string, boolean>>;
  /** Paths of the questions answered, in order, each with the state before it. */
  readonly answered: readonly { readonly path: string; readonly before: WizardState }[];
  /** Answers once given, also those gone back on: what a question suggests when it comes again. */
  readonly remembered: Readonly<Record<string, unknown>>;
}

export interface WizardChoice {
  readonly value: unknown;
  readonly label: string;
}

/** A question ready to be shown. Without choices, a text is typed. */
export interface WizardQuestion {
  readonly path: string;
  readonly ask: string;
  readonly help: string;
  readonly choices?: readonly WizardChoice[];
  /** What is taken when nothing is said; undefined where something must be. */
  readonly suggestion: unknown;
}

export type AnswerResult = { readonly state: WizardState } | { readonly state?: undefined; readonly problem: string };

export function startWizard(draft: ConfigDraft = {}): WizardState {
  return { draft, gates: {}, answered: [], remembered: {} };
}

/** The next question that matters; undefined when all are answered. */
export function nextQuestion(state: WizardState): WizardQuestion | undefined {
  const question = openQuestions(state)[0];
  return question && present(question, state);
}

/** The state after the answer: a choice's value, or a text as it was typed. */
export function answerQuestion(state: WizardState, answer: unknown): AnswerResult {
  const question = openQuestions(state)[0];
  if (!question) return { problem: "nothing is asked" };
  const { path } = question;
  const remember = { ...state.remembered, [path]: answer };
  const answered = [...state.answered, { path, before: state }];
  if (question.isGate) {
    const gates = { ...state.gates, [path]: answer === true };
    return { state: { ...state, gates, answered, remembered: remember } };
  }
  const at = parsePath(path)!;
  let value: unknown;
  try {
    value = typeof answer === "string" ? parseValue(at, answer) : answer;
  } catch {
    return { problem: "is no YAML" };
  }
  const next = { ...state, draft: setValue(state.draft, at, value), answered, remembered: remember };
  const problem = problemAfter(next, state, path);
  return problem === undefined ? { state: next } : { problem };
}

/** The question before, with its answer as the suggestion; the same state at the first one. */
export function goBack(state: WizardState): WizardState {
  const last = state.answered.at(-1);
  return last ? { ...last.before, remembered: state.remembered } : state;
}

function problemsOf({ draft }: WizardState): readonly ConfigProblem[] {
  const checked = checkConfig({ apiVersion: configApiVersion, kind: "Cluster", ...draft });
  return checked.config ? [] : checked.problems;
}

/** What the answer has broken, but for what is still to be asked. */
function problemAfter(next: WizardState, before: WizardState, path: string): string | undefined {
  const known = new Set(problemsOf(before).map((problem) => `${formatPath(problem.path)} ${problem.message}`));
  const later = openQuestions(next).flatMap((question) => (question.isGate ? [] : [question.path]));
  const fresh = problemsOf(next).filter((problem) => {
    const at = formatPath(problem.path);
    return at.startsWith(path) || !(known.has(`${at} ${problem.message}`) || later.some((open) => at.startsWith(open)));
  });
  const [first] = fresh;
  if (!first) return undefined;
  const at = formatPath(first.path);
  return at === path ? first.message : `${at} ${first.message}`;
}

/** Questions that matter and are not answered, in order. One choice is no choice. */
function openQuestions(state: WizardState): Question[] {
  const answers = answersOf(state.draft, state.gates);
  const done = new Set(state.answered.map(({ path }) => path));
  const all = questions.flatMap((question) => {
    const section = requiredAfter[question.path];
    return section === undefined ? [question] : [question, ...requiredQuestions(state, section)];
  });
  return all.filter(
    (question) =>
      !done.has(question.path) &&
      (question.when?.(answers) ?? true) &&
      (question.isGate || choicesOf(question)?.length !== 1),
  );
}

/** After which question one is asked what a section's choice must be told. */
const requiredAfter: Readonly<Record<string, string>> = {
  "infrastructure.provider": "infrastructure",
  "distribution.type": "distribution",
};

/** Of the chosen provider or distribution: required fields that no question of ours asks for. */
function requiredQuestions({ draft }: WizardState, section: string): Question[] {
  const asked = new Set(questions.map(({ path }) => path));
  return fieldOf([section])!
    .fields.filter((field) => field.isRequired && !asked.has(field.path))
    .filter((field) => fitsSection(field, valueIn(draft, [section])))
    .map((field) => ({ path: field.path, ask: `Which ${field.name}?`, field }));
}

function present(question: Question, state: WizardState): WizardQuestion {
  const { path, ask, help } = question;
  const choices = choicesOf(question);
  const description = question.isGate ? undefined : (question.field ?? fieldOf(parsePath(path)!))?.description;
  const usual = question.isGate ? false : valueIn(state.draft, parsePath(path)!);
  const suggestion = question.suggest?.(answersOf(state.draft, state.gates)) ?? usual;
  return {
    path,
    ask,
    help: [description, help].filter((text) => text !== undefined).join(" "),
    ...(choices && { choices }),
    suggestion: path in state.remembered ? state.remembered[path] : suggestion,
  };
}

function choicesOf({ path, isGate, field: known, labels = {} }: Question): WizardChoice[] | undefined {
  const field = isGate ? undefined : (known ?? fieldOf(parsePath(path)!));
  const values = isGate || field?.type === "boolean" ? [false, true] : field?.allowed;
  return values?.map((value) => {
    const about = field?.allowedNotes?.[String(value)];
    return { value, label: labels[String(value)] ?? (about === undefined ? String(value) : `${value}: ${about}`) };
  });
}
