// Checks a configuration as a whole before anything is made of it.

import {
  child,
  describeFieldError,
  duplicate,
  type FieldError,
  invalid,
  item,
  notFoundField,
  required,
} from "#kubernetes/api";
import { UserError } from "#shared";
import {
  configurationDefaults,
  extensionPoints,
  type PluginSets,
  type SchedulerConfiguration,
  type SchedulerProfile,
} from "./configuration.ts";
import { argsValidators } from "./validate-args.ts";

/** Throws a UserError that names everything that is wrong. `plugins`: the names there are. */
export function validateConfiguration(configuration: SchedulerConfiguration, plugins: ReadonlySet<string>): void {
  const { profiles = [], percentageOfNodesToScore, ...backoff } = configuration;
  const errors = [
    ...profiles.flatMap((profile, at) => profileErrors(profile, item("profiles", at), profiles.length > 1, plugins)),
    ...duplicateNames(profiles),
    ...percentageErrors(percentageOfNodesToScore, "percentageOfNodesToScore"),
    ...backoffErrors(backoff),
  ];
  if (errors.length === 0) return;
  const problems = errors.map(describeFieldError).join("; ");
  throw new UserError(`Cannot start the scheduler: its configuration is wrong: ${problems}`);
}

function profileErrors(
  { schedulerName, percentageOfNodesToScore, plugins: sets = {}, pluginConfig = [] }: SchedulerProfile,
  path: string,
  isOneOfMany: boolean,
  plugins: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  if (schedulerName === "" || (schedulerName === undefined && isOneOfMany)) {
    errors.push(required(child(path, "schedulerName")));
  }
  errors.push(...percentageErrors(percentageOfNodesToScore, child(path, "percentageOfNodesToScore")));
  errors.push(...unknownPlugins(sets, child(path, "plugins"), plugins));
  const configured = new Set<string>();
  for (const [at, { name, args }] of pluginConfig.entries()) {
    const place = item(child(path, "pluginConfig"), at);
    if (configured.has(name)) errors.push(duplicate(place, name));
    configured.add(name);
    errors.push(...(argsValidators[name]?.(args, child(place, "args")) ?? []));
  }
  return errors;
}

function unknownPlugins(sets: PluginSets, path: string, plugins: ReadonlySet<string>): FieldError[] {
  return (["multiPoint", ...extensionPoints] as const).flatMap((point) =>
    (sets[point]?.enabled ?? []).flatMap(({ name }, at) =>
      plugins.has(name) ? [] : [notFoundField(item(child(path, point, "enabled"), at), name)],
    ),
  );
}

function duplicateNames(profiles: readonly SchedulerProfile[]): FieldError[] {
  const names = profiles.map(({ schedulerName }) => schedulerName);
  return names.flatMap((name, at) =>
    name !== undefined && names.indexOf(name) < at
      ? [duplicate(child(item("profiles", at), "schedulerName"), name)]
      : [],
  );
}

function percentageErrors(percentage: number | undefined, path: string): FieldError[] {
  const isFine = percentage === undefined || (percentage >= 0 && percentage <= 100);
  return isFine ? [] : [invalid(path, percentage, "not in valid range [0-100]")];
}

function backoffErrors(configuration: SchedulerConfiguration): FieldError[] {
  const { podInitialBackoffSeconds: initial, podMaxBackoffSeconds: most } = {
    ...configurationDefaults,
    ...configuration,
  };
  const errors: FieldError[] = [];
  if (!(initial > 0)) errors.push(invalid("podInitialBackoffSeconds", initial, "must be greater than 0"));
  if (!(most >= initial)) {
    errors.push(invalid("podMaxBackoffSeconds", most, "must be greater than or equal to PodInitialBackoffSeconds"));
  }
  return errors;
}
