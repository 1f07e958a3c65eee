// Compiles the rules of one schema against the type it declares.

import type { Environment } from "../checker/environment.ts";
import { compile, type Program } from "../compile.ts";
import type { SizeHints } from "../cost/cost-node.ts";
import { createEnvironment } from "../environment.ts";
import { type DeclaredType, nameTypes, provideTypes, sizeHintsOf } from "../schema/declared-type.ts";
import { type CelType, optionalType, types } from "../values/type.ts";
import { normalizeFieldPath } from "./field-path.ts";
import { type RuledSchema, rulesOf, type ValidationRule } from "./rule.ts";

export interface CompiledRule {
  readonly rule: ValidationRule;
  /** Absent where the rule is empty, or wrong. */
  readonly program?: Program;
  /** What is wrong with the rule. */
  readonly problem?: string;
  readonly usesOldSelf: boolean;
  /** The most it can cost, once. */
  readonly maxCost: number;
  readonly messageProgram?: Program;
  readonly messageProblem?: string;
  readonly messageMaxCost: number;
  /** Where below the object the rule reports; "" for the object itself. */
  readonly fieldPath: string;
}

/** Names of types must not be relied on, so they differ every time. */
let typeNames = 0;

export function compileRules(schema: RuledSchema, declared: DeclaredType): CompiledRule[] {
  typeNames = (typeNames + 1) % 1_000_000_000;
  const self = nameTypes(declared, `selfType${typeNames}`);
  const environmentOf = (oldSelf: CelType): Environment =>
    createEnvironment({
      variables: new Map([
        ["self", self.type],
        ["oldSelf", oldSelf],
      ]),
      types: provideTypes(self),
    });
  const environment = environmentOf(self.type);
  const optional = environmentOf(optionalType(self.type));
  const hints = sizeHintsOf(declared);
  return rulesOf(schema).map((rule) => {
    const context = { schema, hints, environment: rule.optionalOldSelf ? optional : environment };
    return compileRule(rule, context);
  });
}

interface RuleContext {
  readonly schema: RuledSchema;
  readonly hints: SizeHints;
  readonly environment: Environment;
}

const UNCOMPILED = { usesOldSelf: false, maxCost: 0, messageMaxCost: 0, fieldPath: "" } as const;

function compileRule(rule: ValidationRule, context: RuleContext): CompiledRule {
  if (rule.rule.trim() === "") return { ...UNCOMPILED, rule };
  const compiled = compile(rule.rule, context.environment);
  if (!compiled.ok) return { ...UNCOMPILED, rule, problem: describeFailure(compiled) };
  const { program } = compiled;
  if (program.type !== types.bool) {
    return { ...UNCOMPILED, rule, problem: "cel expression must evaluate to a bool" };
  }
  return {
    rule,
    program,
    usesOldSelf: program.variables.has("oldSelf"),
    maxCost: program.estimate(context.hints).max,
    ...compileMessage(rule, context),
    fieldPath: rule.fieldPath ? (normalizeFieldPath(rule.fieldPath, context.schema) ?? "") : "",
  };
}

type CompiledMessage = Pick<CompiledRule, "messageProgram" | "messageProblem" | "messageMaxCost">;

function compileMessage({ messageExpression = "" }: ValidationRule, context: RuleContext): CompiledMessage {
  if (messageExpression === "") return { messageMaxCost: 0 };
  const compiled = compile(messageExpression, context.environment);
  if (!compiled.ok) {
    const problem = `messageExpression ${describeFailure(compiled).replace(/^program /, "")}`;
    return { messageMaxCost: 0, messageProblem: problem };
  }
  const { program } = compiled;
  if (program.type !== types.string) {
    return { messageMaxCost: 0, messageProblem: "messageExpression must evaluate to a string" };
  }
  return { messageProgram: program, messageMaxCost: program.estimate(context.hints).max };
}

function describeFailure({
  problems,
  message,
}: {
  readonly problems: readonly unknown[];
  readonly message: string;
}): string {
  return problems.length > 0 ? `compilation failed: ${message}` : `program instantiation failed: ${message}`;
}
