// From a configuration file's text to a checked ClusterConfig: YAML or JSON, ours or kind's, with KWOK's stages beside it. Every
// problem carries its line.

import { type Document, isMap, isScalar, LineCounter, parseAllDocuments } from "yaml";
import { checkConfig } from "./check-config.ts";
import { type ClusterConfig, type ClusterConfigInput, configApiVersion } from "./cluster-config.ts";
import { ConfigError, type ConfigProblem, type FieldPath } from "./config-problem.ts";
import { convertKindConfig, isKindConfig, kindPathOf } from "./kind-config.ts";

export interface ReadConfig {
  readonly config: ClusterConfig;
  /** What a person should know, such as fields of a kind file that mean nothing here. */
  readonly notices: readonly string[];
  /** The problem with the line of its field in the file, for what is only found out later. */
  locate(problem: ConfigProblem): ConfigProblem;
}

/** Reads a file's text. `source` is how messages call it, such as "slipway.yaml". Throws ConfigError with every problem. */
export function readConfig(text: string, source: string): ReadConfig {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const all = (Array.isArray(documents) ? documents : []).filter((each, index) => index === 0 || !isEmpty(each));
  const stages = all.filter(isStage);
  const [document, second] = all.filter((each) => !stages.includes(each));
  const first = document ?? all[0];
  if (!first)
    throw new ConfigError(source, [
      { path: [], message: `is empty; it wants apiVersion: ${configApiVersion}, kind: Cluster` },
    ]);
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const broken = all
    .flatMap(({ errors }) => errors)
    .map(({ message, pos }) => ({ path: [], message, line: lineAt(pos[0]) }));
  if (broken.length > 0) throw new ConfigError(source, broken);
  if (second)
    throw new ConfigError(source, [
      { path: [], message: "holds more than one cluster: one per file, with KWOK's Stage objects beside it" },
    ]);

  const locate = (problem: ConfigProblem) => withLine(problem, first, lineAt);
  const raw: unknown = document ? document.toJS() : { apiVersion: configApiVersion, kind: "Cluster" };
  if (!isKindConfig(raw)) return { config: finish(withStages(raw, stages), source, locate), notices: [], locate };
  const converted = convertKindConfig(raw);
  if (converted.problems.length > 0) throw new ConfigError(source, converted.problems.map(locate));
  const notices = inFileOrder(converted.notices.map(locate)).map(
    ({ line, message }) => `${source}:${line}: ${message}`,
  );
  const locateInKind = (problem: ConfigProblem) => locate({ ...problem, path: kindPathOf(problem.path) });
  return {
    config: finish(withStages(converted.input, stages), source, locateInKind),
    notices,
    locate: locateInKind,
  };
}

function isEmpty({ contents }: Document): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

function isStage(document: Document): boolean {
  const [apiVersion, kind] = isMap(document.contents) ? [document.get("apiVersion"), document.get("kind")] : [];
  return typeof apiVersion === "string" && apiVersion.startsWith("kwok.x-k8s.io/") && kind === "Stage";
}

/** Stages speak of simulated nodes, so these are what is meant. */
function withStages(cluster: unknown, stages: readonly Document[]): unknown {
  if (stages.length === 0 || typeof cluster !== "object" || cluster === null) return cluster;
  const { infrastructure, ...rest } = cluster as { infrastructure?: object };
  const found = stages.map((stage): unknown => stage.toJS());
  return { ...rest, infrastructure: { provider: "local", simulated: true, ...infrastructure, stages: found } };
}

/** Checks what was put together without a file. Throws ConfigError; `source` is how its message calls the input. */
export function resolveConfig(
  input: Omit<ClusterConfigInput, "apiVersion" | "kind">,
  source = "the configuration",
): ClusterConfig {
  return finish({ apiVersion: configApiVersion, kind: "Cluster", ...input }, source, (problem) => problem);
}

function finish(raw: unknown, source: string, locate: (problem: ConfigProblem) => ConfigProblem): ClusterConfig {
  const checked = checkConfig(raw);
  if (checked.config) return checked.config;
  throw new ConfigError(source, inFileOrder(checked.problems.map(locate)));
}

function inFileOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return problems.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
}

/** Adds the line of the field, or of the nearest field around it that the file has. */
function withLine(problem: ConfigProblem, document: Document, lineAt: (offset: number) => number): ConfigProblem {
  const offset = offsetOf(document, problem.path) ?? 0;
  return { ...problem, line: lineAt(offset) };
}

function offsetOf(document: Document, path: FieldPath): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined;
    if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
    const node = document.getIn(path.slice(0, length), true);
    const range =
      typeof node === "object" && node !== null && "range" in node ? (node.range as number[] | undefined) : undefined;
    if (range) return range[0];
  }
  return undefined;
}
