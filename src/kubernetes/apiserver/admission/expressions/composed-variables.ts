// The variables a policy composes of expressions: `variables.x`, each evaluated once for a request, when first used.

import type { Variable } from "#kubernetes/api";
import {
  type Activation,
  admissionTypes,
  CelError,
  type CelMap,
  type CelType,
  type CelValue,
  compile,
  createEnvironment,
  type Environment,
  type FunctionDeclaration,
  objectType,
  type Program,
  type TypeProvider,
} from "#kubernetes/cel";
import { declareVariables, type VariableOptions } from "./admission-variables.ts";
import { type Budget, evaluateWithin } from "./budget.ts";

const typeName = "kubernetes.variables";

/** What the expressions of one policy are compiled against. */
export interface ComposedEnvironment {
  readonly environment: Environment;
  /** Of expressions that make messages: these may use the variables, but not ask the authorizer themselves. */
  readonly messageEnvironment: Environment;
  /** The activation with `variables` in it, which cost of the budget what evaluating them costs. */
  compose(base: Activation, budget: Budget): Activation;
  /** Why a variable is no expression; the first one. */
  readonly problem: string | undefined;
}

/** Every variable may use those before it; `types` are those that expressions may make objects of. */
export function composeVariables(
  variables: readonly Variable[],
  options: VariableOptions,
  {
    types: more,
    functions = [],
  }: { readonly types?: TypeProvider; readonly functions?: readonly FunctionDeclaration[] } = {},
): ComposedEnvironment {
  const fields = new Map<string, CelType>();
  const programs = new Map<string, Program>();
  const own = admissionTypes(more);
  const types: TypeProvider = {
    ...own,
    findType: (name) => (name === typeName ? objectType(typeName) : own.findType(name)),
    findField: (name, field) => (name === typeName ? fields.get(field) : own.findField(name, field)),
  };
  const declare = (declared: VariableOptions) =>
    createEnvironment({
      variables: new Map([
        ...Object.entries(declareVariables(declared)),
        ...(variables.length > 0 ? [["variables", objectType(typeName)] as const] : []),
      ]),
      functions,
      types,
    });
  const environment = declare(options);
  let problem: string | undefined;
  for (const { name, expression } of variables) {
    const result = compile(expression, environment);
    if (result.ok) {
      fields.set(name, result.program.type);
      programs.set(name, result.program);
    } else problem ??= `variable ${name}: compilation error: compilation failed: ${result.message}`;
  }
  return {
    environment,
    messageEnvironment: declare({ ...options, hasAuthorizer: false }),
    problem,
    compose(base, budget) {
      const value = new LazyVariables(programs, (name) => (name === "variables" ? value : base(name)), budget);
      return (name) => (name === "variables" ? value : base(name));
    },
  };
}

class LazyVariables implements CelMap {
  readonly kind = "map";
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #activation: Activation;
  readonly #budget: Budget;
  readonly #known = new Map<string, CelValue>();

  constructor(programs: ReadonlyMap<string, Program>, activation: Activation, budget: Budget) {
    this.#programs = programs;
    this.#activation = activation;
    this.#budget = budget;
  }

  get size(): number {
    return this.#programs.size;
  }

  find(key: CelValue): CelValue | undefined {
    const program = typeof key === "string" ? this.#programs.get(key) : undefined;
    if (!program || typeof key !== "string") return undefined;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const value = evaluateWithin(program, this.#activation, this.#budget);
    const outcome =
      value instanceof CelError
        ? new CelError(`composited variable "${key}" fails to evaluate: ${value.message}`)
        : value;
    this.#known.set(key, outcome);
    return outcome;
  }

  keys(): Iterable<CelValue> {
    return this.#programs.keys();
  }

  equal(other: CelValue): CelValue {
    return other === this;
  }
}
