// What a namespace's labels say of pod security: which level is enforced, and which one is worth a warning.

import { entry, type FieldError, invalid } from "#kubernetes/api";

export type Level = "privileged" | "baseline" | "restricted";
const levels: readonly Level[] = ["privileged", "baseline", "restricted"];

/** `minor` is the x of 1.x; Infinity is the latest. */
export interface LevelVersion {
  readonly level: Level;
  readonly minor: number;
}

/** Upstream also audits by a level of its own; there is no audit log here, so only its labels are checked. */
export interface Policy {
  readonly enforce: LevelVersion;
  readonly warn: LevelVersion;
}

type Labels = Readonly<Record<string, string>>;

const prefix = "pod-security.kubernetes.io/";
const latest = Number.POSITIVE_INFINITY;

export function formatLevelVersion({ level, minor }: LevelVersion): string {
  return `${level}:${minor === latest ? "latest" : `v1.${minor}`}`;
}

export function isSameLevelVersion(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.minor === b.minor;
}

/** Whether `a` asks more than `b`. */
export function isStricter(a: Level, b: Level): boolean {
  return levels.indexOf(a) > levels.indexOf(b);
}

/** A label that cannot be read enforces the strictest, and warns of nothing. */
export function readPolicy(labels: Labels = {}): Policy {
  const enforce = {
    level: readLevel(labels["pod-security.kubernetes.io/enforce"], "restricted"),
    minor: readMinor(labels[`${prefix}enforce-version`]),
  };
  const warnLabel = labels[`${prefix}warn`];
  const warnVersion = labels[`${prefix}warn-version`];
  const warn = { level: readLevel(warnLabel, "privileged"), minor: readMinor(warnVersion) };
  const enforceLabel = labels[`${prefix}enforce`];
  const follows = warnLabel === undefined && isLevel(enforceLabel) && isStricter(enforce.level, warn.level);
  if (!follows) return { enforce, warn };
  return { enforce, warn: { level: enforce.level, minor: warnVersion === undefined ? enforce.minor : warn.minor } };
}

function isLevel(text: string | undefined): boolean {
  return levels.some((level) => level === text);
}

function readLevel(text: string | undefined, whenBad: Level): Level {
  if (text === undefined) return "privileged";
  return isLevel(text) ? (text as Level) : whenBad;
}

function readMinor(text: string | undefined): number {
  const minor = /^v1\.(0|[1-9]\d*)$/.exec(text ?? "")?.[1];
  return minor === undefined ? latest : Number(minor);
}

/** What is wrong with a namespace's labels. */
export function checkPolicyLabels(labels: Labels = {}): FieldError[] {
  const errors: FieldError[] = [];
  for (const mode of ["enforce", "audit", "warn"]) {
    const level = labels[prefix + mode];
    if (level !== undefined && !isLevel(level)) {
      errors.push(invalid(entry("metadata.labels", prefix + mode), level, `must be one of ${levels.join(", ")}`));
    }
    const version = labels[`${prefix}${mode}-version`];
    if (version !== undefined && version !== "latest" && readMinor(version) === latest) {
      errors.push(invalid(entry("metadata.labels", `${prefix}${mode}-version`), version, 'must be "latest" or "v1.x"'));
    }
  }
  return errors;
}
