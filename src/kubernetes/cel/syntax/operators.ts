// The names under which operators are functions.

export const operators = {
  conditional: "_?_:_",
  and: "_&&_",
  or: "_||_",
  not: "!_",
  equals: "_==_",
  notEquals: "_!=_",
  less: "_<_",
  lessEquals: "_<=_",
  greater: "_>_",
  greaterEquals: "_>=_",
  add: "_+_",
  subtract: "_-_",
  multiply: "_*_",
  divide: "_/_",
  modulo: "_%_",
  negate: "-_",
  index: "_[_]",
  optionalIndex: "_[?_]",
  optionalSelect: "_?._",
  in: "@in",
  notStrictlyFalse: "@not_strictly_false",
  mapInsert: "cel.@mapInsert",
} as const;

/** From the symbol of a relation to its function. */
export const relations: ReadonlyMap<string, string> = new Map([
  ["<", operators.less],
  ["<=", operators.lessEquals],
  [">=", operators.greaterEquals],
  [">", operators.greater],
  ["==", operators.equals],
  ["!=", operators.notEquals],
  ["in", operators.in],
]);

/** From the symbol of a calculation to its function and how tightly it binds. */
export const calculations: ReadonlyMap<string, { readonly name: string; readonly precedence: number }> = new Map([
  ["*", { name: operators.multiply, precedence: 2 }],
  ["/", { name: operators.divide, precedence: 2 }],
  ["%", { name: operators.modulo, precedence: 2 }],
  ["+", { name: operators.add, precedence: 1 }],
  ["-", { name: operators.subtract, precedence: 1 }],
]);
