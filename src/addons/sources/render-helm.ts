// Objects from a Helm chart, rendered by `helm template`; Helm installs nothing, and nothing of its own is kept in the cluster. Hooks
// have no place in a declared state: tests are left out; others are refused, unless the configuration says what to do with them.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HelmSource, isFetched } from "#config";
import type { UnknownObject } from "#kubernetes/api";
import { type Exec, exitCodes, UserError } from "#shared";
import { readObjects } from "../apply/read-objects.ts";
import { explainFailure } from "./explain-failure.ts";
import { findTool } from "./find-tool.ts";

const oldestHelm = "3.8";

export interface HelmOptions {
  readonly addon: string;
  readonly namespace: string;
  /** "1.36": what charts are told. */
  readonly kubernetesVersion: string;
  readonly exec: Exec;
  readonly signal: AbortSignal;
}

/** Throws UserError where Helm is missing, refuses the chart, or the chart has hooks nobody has decided about. */
export async function renderHelm(source: HelmSource, options: HelmOptions): Promise<UnknownObject[]> {
  const { exec, signal, addon } = options;
  const found = await findTool(exec, { argv: ["helm", "version", "--short"], oldest: oldestHelm }, signal);
  if (!found) {
    throw new UserError(`Cannot render the chart of add-on ${addon}: helm is not installed`, {
      hints: [`Install Helm ${oldestHelm} or newer, or render the chart elsewhere and give its manifests.`],
      exitCode: exitCodes.host,
    });
  }
  const folder = await mkdtemp(join(tmpdir(), "slipway-helm-"));
  try {
    const values = join(folder, "values.json");
    await writeFile(values, JSON.stringify(source.values ?? {}), { mode: 0o600 });
    const { stdout } = await exec(helmCommand(source, values, options), { signal });
    return chooseObjects(readObjects(stdout, `what Helm makes of ${source.chart}`), source, addon);
  } catch (error) {
    throw explainFailure(`Cannot render the chart ${source.chart}`, error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same for a chart's archive that was read already; its hooks are left out, as the catalogue knows what they would do. */
export async function renderChartFile(
  archive: Uint8Array,
  source: Pick<HelmSource, "chart" | "values">,
  options: HelmOptions,
): Promise<UnknownObject[]> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-chart-"));
  try {
    const chart = join(folder, "chart.tgz");
    await writeFile(chart, archive);
    return await renderHelm({ ...source, chart, hooks: "skip" }, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function helmCommand(
  source: HelmSource,
  values: string,
  { addon, namespace, kubernetesVersion }: HelmOptions,
): string[] {
  const { chart, repo, version, release = addon } = source;
  return [
    ...["helm", "template", release, chart],
    ...["--namespace", namespace, "--include-crds", "--kube-version", kubernetesVersion, "--values", values],
    ...(repo === undefined ? [] : ["--repo", repo]),
    ...(version === undefined || !isFetched(source) ? [] : ["--version", version]),
  ];
}

const hookAnnotation = "helm.sh/hook";

function chooseObjects(objects: readonly UnknownObject[], { hooks }: HelmSource, addon: string): UnknownObject[] {
  const hooksOf = ({ metadata }: UnknownObject) => (metadata.annotations?.[hookAnnotation] ?? "").split(/\s*,\s*/);
  const isTest = (object: UnknownObject) =>
    hooksOf(object).every((hook) => /^(test|pre-delete|post-delete|pre-rollback|post-rollback)/.test(hook));
  const isHook = (object: UnknownObject) =>
    metadataHas(object) && !hooksOf(object).every((hook) => hook === "crd-install");
  const wanted = objects.filter((object) => !metadataHas(object) || !isTest(object));
  const found = wanted.filter(isHook);
  if (found.length === 0 || hooks === "apply") return wanted;
  if (hooks === "skip") return wanted.filter((object) => !isHook(object));
  const names = found.map(
    ({ kind, metadata }) => `${kind} ${metadata.name} (${metadata.annotations?.[hookAnnotation]})`,
  );
  throw new UserError(`Cannot use the chart of add-on ${addon}: it has hooks: ${names.join(", ")}`, {
    hints: [
      "Say what becomes of them in the configuration: source.helm.hooks: skip leaves them out, apply makes them ordinary objects.",
    ],
    exitCode: exitCodes.config,
  });
}

function metadataHas({ metadata }: UnknownObject): boolean {
  return metadata.annotations?.[hookAnnotation] !== undefined;
}
