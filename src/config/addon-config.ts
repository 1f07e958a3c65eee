// An add-on as a configuration names it: one of the catalogue, by name; or one of your own, by the place its objects come from:
// manifests, a Helm chart or a Kustomize folder. What only the catalogue knows (names, versions, values) is checked there.

import { isAbsolute, resolve } from "node:path";
import { z } from "zod";
import type { ConfigProblem } from "./config-problem.ts";

const addonName = z
  .string()
  .max(40)
  .regex(
    /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    "must consist of lower case letters, digits and '-', and start and end with a letter or digit",
  );

const namespace = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "must be the name of a namespace");

const values = z.record(z.string(), z.unknown());

const helmSchema = z
  .strictObject({
    chart: z.string().min(1).describe("A chart's folder or archive; with repo the chart's name there; or oci://…"),
    repo: z
      .string()
      .regex(/^https?:\/\/\S+$/, "must be such as https://charts.example.com")
      .optional()
      .describe("The repository the chart comes from."),
    version: z.string().min(1).optional().describe("The chart's version. Required for charts that are fetched."),
    release: addonName.optional().describe("Name of the release. Default: the add-on's name."),
    values: values.optional().describe("The chart's values."),
    hooks: z
      .enum(["skip", "apply"])
      .optional()
      .describe(
        "What becomes of hooks: left out, or applied as ordinary objects. Default: charts with hooks are refused.",
      ),
  })
  .describe("A Helm chart, rendered by `helm template` on this machine.");

const sourceSchema = z
  .strictObject({
    manifests: z
      .string()
      .min(1)
      .optional()
      .describe("A YAML or JSON file, a folder of them, or the URL of one. Paths are relative to this file."),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits")
      .optional()
      .describe("What the file at the URL must be. Default: what it was when it was first fetched."),
    kustomize: z.string().min(1).optional().describe("A folder with a kustomization.yaml, relative to this file."),
    helm: helmSchema.optional(),
  })
  .describe("Where the objects of an add-on of your own come from: one of manifests, kustomize and helm.");

export const addonSchema = z.strictObject({
  name: addonName.describe("Name of the add-on: in the catalogue, or with a source any name of your own."),
  version: z.string().min(1).optional().describe("Version in the catalogue. Default: the one this slipway has pinned."),
  namespace: namespace
    .optional()
    .describe("Namespace of what names none. Default: the add-on's own; with a source the namespace default."),
  values: values.optional().describe("Settings of an add-on of the catalogue."),
  source: sourceSchema.optional(),
  conflicts: z
    .enum(["refuse", "overwrite"])
    .optional()
    .describe("What to do about fields others have set differently: refuse the change, or overwrite. Default: refuse."),
});

export type AddonConfig = z.output<typeof addonSchema>;
export type AddonSource = z.output<typeof sourceSchema>;
export type HelmSource = z.output<typeof helmSchema>;

/** What no single field of an add-on can tell. */
export function checkAddonConfigs(addons: readonly AddonConfig[]): ConfigProblem[] {
  const first = new Map<string, number>();
  return addons.flatMap((addon, index) => {
    const earlier = first.get(addon.name);
    first.set(addon.name, earlier ?? index);
    const message = `"${addon.name}" is already the name of addons[${earlier}]`;
    return [
      ...(earlier === undefined ? [] : [{ path: ["addons", index, "name"], message }]),
      ...(addon.source ? checkSource(addon, addon.source, index) : []),
    ];
  });
}

function checkSource(addon: AddonConfig, source: AddonSource, index: number): ConfigProblem[] {
  const at = (field: string, message: string): ConfigProblem => ({
    path: ["addons", index, ...field.split(".")],
    message,
  });
  const kinds = (["manifests", "kustomize", "helm"] as const).filter((kind) => source[kind] !== undefined);
  const problems: ConfigProblem[] = [];
  if (kinds.length !== 1) {
    const found = kinds.length === 0 ? "none" : kinds.join(" and ");
    problems.push(at("source", `must have exactly one of manifests, kustomize and helm, not ${found}`));
  }
  if (addon.version !== undefined) {
    problems.push(at("version", "must not be given with a source; a chart's version is source.helm.version"));
  }
  if (addon.values !== undefined) {
    problems.push(at("values", "must not be given with a source; a chart's values are source.helm.values"));
  }
  if (source.sha256 !== undefined && !isUrl(source.manifests)) {
    problems.push(at("source.sha256", "must be given with the URL of a manifest only"));
  }
  const { helm } = source;
  if (helm && isFetched(helm) && helm.version === undefined) {
    problems.push(
      at("source.helm.version", "is required for a chart that is fetched: what is installed must not change by itself"),
    );
  }
  return problems;
}

export function isUrl(text: string | undefined): boolean {
  return text !== undefined && /^https?:\/\//.test(text);
}

/** Whether the chart comes from a repository or a registry, as opposed to this machine's disk. */
export function isFetched({ chart, repo }: HelmSource): boolean {
  return repo !== undefined || /^[a-z]+:\/\//.test(chart);
}

/** The same add-on with paths that no longer depend on where the configuration file lies. */
export function resolveAddonPaths(addon: AddonConfig, folder: string): AddonConfig {
  const { source } = addon;
  if (!source) return addon;
  const { manifests, kustomize, helm } = source;
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(folder, path));
  return {
    ...addon,
    source: {
      ...source,
      ...(manifests !== undefined && !isUrl(manifests) && { manifests: absolute(manifests) }),
      ...(kustomize !== undefined && { kustomize: absolute(kustomize) }),
      ...(helm && !isFetched(helm) && { helm: { ...helm, chart: absolute(helm.chart) } }),
    },
  };
}
