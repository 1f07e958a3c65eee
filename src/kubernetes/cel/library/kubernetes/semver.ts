// semver("1.2.3"): versions with an order.

import { quote } from "#kubernetes/api";
import { objectType, types } from "../../values/type.ts";
import { CelError, type CelOpaque, type CelValue, NO_SUCH_OVERLOAD } from "../../values/value.ts";
import { declare, type FunctionDeclaration, globalOverload, memberOverload } from "../declare.ts";

const { bool, int, string } = types;
export const semverType = objectType("kubernetes.Semver");

class SemverValue implements CelOpaque {
  readonly kind = "opaque";
  readonly type = semverType;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly (string | bigint)[];

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly (string | bigint)[]) {
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  compare(other: SemverValue): number {
    for (const [index, number] of this.numbers.entries()) {
      const against = other.numbers[index]!;
      if (number !== against) return number < against ? -1 : 1;
    }
    return comparePrereleases(this.prerelease, other.prerelease);
  }

  equal(other: CelValue): CelValue {
    return other instanceof SemverValue ? this.compare(other) === 0 : NO_SUCH_OVERLOAD;
  }
}

/** A version without prerelease is above those with one. */
function comparePrereleases(a: readonly (string | bigint)[], b: readonly (string | bigint)[]): number {
  if (a.length === 0 || b.length === 0) return Math.sign(b.length - a.length);
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareIdentifiers(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function compareIdentifiers(a: string | bigint, b: string | bigint): number {
  if (typeof a !== typeof b) return typeof a === "bigint" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const IDENTIFIER = /^[A-Za-z0-9-]+$/;
const MAX_NUMBER = 2n ** 64n - 1n;

class SemverError extends Error {}

function parse(text: string): SemverValue {
  if (text === "") throw new SemverError("Version string empty");
  const [major = "", minor, ...more] = text.split(".");
  if (minor === undefined || more.length === 0) throw new SemverError("No Major.Minor.Patch elements found");
  const rest = more.join(".");
  const plus = rest.indexOf("+");
  const beforeBuild = plus < 0 ? rest : rest.slice(0, plus);
  const dash = beforeBuild.indexOf("-");
  const patch = dash < 0 ? beforeBuild : beforeBuild.slice(0, dash);
  const numbers = [readNumber("Major", major), readNumber("Minor", minor), readNumber("Patch", patch)] as const;
  const prerelease =
    dash < 0
      ? []
      : beforeBuild
          .slice(dash + 1)
          .split(".")
          .map(readPrerelease);
  if (plus >= 0) for (const part of rest.slice(plus + 1).split(".")) checkBuild(part);
  return new SemverValue(numbers, prerelease);
}

function readNumber(what: string, text: string): bigint {
  if (!/^[0-9]*$/.test(text)) {
    throw new SemverError(`Invalid character(s) found in ${what.toLowerCase()} number ${quote(text)}`);
  }
  if (text.length > 1 && text.startsWith("0")) {
    throw new SemverError(`${what} number must not contain leading zeroes ${quote(text)}`);
  }
  if (text === "" || BigInt(text) > MAX_NUMBER) {
    const why = text === "" ? "invalid syntax" : "value out of range";
    throw new SemverError(`strconv.ParseUint: parsing ${quote(text)}: ${why}`);
  }
  return BigInt(text);
}

function readPrerelease(text: string): string | bigint {
  if (text === "") throw new SemverError("Prerelease is empty");
  if (/^[0-9]+$/.test(text)) {
    if (text.length > 1 && text.startsWith("0")) {
      throw new SemverError(`Numeric PreRelease version must not contain leading zeroes ${quote(text)}`);
    }
    return BigInt(text);
  }
  if (!IDENTIFIER.test(text)) throw new SemverError(`Invalid character(s) found in prerelease ${quote(text)}`);
  return text;
}

function checkBuild(text: string): void {
  if (text === "") throw new SemverError("Build meta data is empty");
  if (!IDENTIFIER.test(text)) throw new SemverError(`Invalid character(s) found in build meta data ${quote(text)}`);
}

/** "v1.02" is 1.2.0: without its "v" and leading zeros, with what is missing filled up. */
function normalize(text: string): string {
  const [first = "", second, ...rest] = text.replace(/^v/, "").split(".");
  const parts = [first, ...(second === undefined ? [] : [second]), ...(rest.length > 0 ? [rest.join(".")] : [])];
  const trimmed = parts.map((part) => {
    if (part.length < 2) return part;
    const stripped = part.replace(/^0+/, "");
    return /^[0-9]/.test(stripped) ? stripped : `0${stripped}`;
  });
  if (trimmed.length < 3 && /[+-]/.test(trimmed.at(-1)!)) {
    throw new SemverError("short version cannot contain PreRelease/Build meta data");
  }
  while (trimmed.length < 3) trimmed.push("0");
  return trimmed.join(".");
}

export function toSemver(text: string, normalized = false): CelValue {
  try {
    return parse(normalized ? normalize(text) : text);
  } catch (error) {
    if (error instanceof SemverError) return new CelError(error.message);
    throw error;
  }
}

function isSemver(text: string, normalized = false): boolean {
  return toSemver(text, normalized) instanceof SemverValue;
}

function comparison(name: string, id: string, holds: (order: number) => boolean): FunctionDeclaration {
  const test = (a: SemverValue, b: SemverValue): CelValue => holds(a.compare(b));
  return declare(name, memberOverload(id, [semverType, semverType], bool, test));
}

function numberOf(name: string, index: 0 | 1 | 2): FunctionDeclaration {
  return declare(
    name,
    memberOverload(`semver_${name}`, [semverType], int, ({ numbers }: SemverValue) => numbers[index]),
  );
}

export const semverFunctions: readonly FunctionDeclaration[] = [
  declare(
    "semver",
    globalOverload("string_to_semver", [string], semverType, (text: string) => toSemver(text)),
    globalOverload("string_bool_to_semver", [string, bool], semverType, (text: string, normalized: boolean) =>
      toSemver(text, normalized),
    ),
  ),
  declare(
    "isSemver",
    globalOverload("is_semver_string", [string], bool, (text: string) => isSemver(text)),
    globalOverload("is_semver_string_bool", [string, bool], bool, (text: string, normalized: boolean) =>
      isSemver(text, normalized),
    ),
  ),
  comparison("isGreaterThan", "semver_is_greater_than", (order) => order > 0),
  comparison("isLessThan", "semver_is_less_than", (order) => order < 0),
  declare(
    "compareTo",
    memberOverload("semver_compare_to", [semverType, semverType], int, (a: SemverValue, b: SemverValue) =>
      BigInt(a.compare(b)),
    ),
  ),
  numberOf("major", 0),
  numberOf("minor", 1),
  numberOf("patch", 2),
];
