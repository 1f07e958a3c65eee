// From a configuration file's text to a checked ClusterConfig: YAML or JSON, ours or kind's. Every problem carries its line.

import { type Document, isMap, isScalar, LineCounter, parseAllDocuments } from "yaml";
import { checkConfig } from "./check-config.ts";
import { type ClusterConfig, type ClusterConfigInput, configApiVersion } from "./cluster-config.ts";
import { ConfigError, type ConfigProblem, type FieldPath } from "./config-problem.ts";
import { convertKindConfig, isKindConfig, kindPathOf } from "./kind-config.ts";

export interface ReadConfig {
  readonly config: ClusterConfig;
  /** What a person should know, such as fields of a kind file that mean nothing here. */
  readonly notices: readonly string[];
}

/** Reads a file's text. `source` is how messages call it, such as "slipway.yaml". Throws ConfigError with every problem. */
export function readConfig(text: string, source: string): ReadConfig {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (!document)
    throw new ConfigError(source, [
      { path: [], message: `is empty; it wants apiVersion: ${configApiVersion}, kind: Cluster` },
    ]);
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const broken = document.errors.map(({ message, pos }) => ({ path: [], message, line: lineAt(pos[0]) }));
  if (broken.length > 0) throw new ConfigError(source, broken);
  if (second)
    throw new ConfigError(source, [{ path: [], message: "holds more than one document: one cluster per file" }]);

  const locate = (problem: ConfigProblem) => withLine(problem, document, lineAt);
  const raw: unknown = document.toJS();
  if (!isKindConfig(raw)) return { config: finish(raw, source, locate), notices: [] };
  const converted = convertKindConfig(raw);
  if (converted.problems.length > 0) throw new ConfigError(source, converted.problems.map(locate));
  const notices = inFileOrder(converted.notices.map(locate)).map(
    ({ line, message }) => `${source}:${line}: ${message}`,
  );
  return {
    config: finish(converted.input, source, (problem) => locate({ ...problem, path: kindPathOf(problem.path) })),
    notices,
  };
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
