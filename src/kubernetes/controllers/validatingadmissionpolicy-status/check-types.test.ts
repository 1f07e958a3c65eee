import assert from "node:assert/strict";
import { test } from "node:test";
import type { ValidatingAdmissionPolicy } from "#kubernetes/api";
import { type CheckedKind, checkTypes } from "./check-types.ts";

type Spec = NonNullable<ValidatingAdmissionPolicy["spec"]>;

function kindOf(kind: string, type: string): CheckedKind {
  return {
    kind: { group: "g", version: "v1", kind },
    schema: { type: "object", properties: { spec: { type: "object", properties: { count: { type } } } } },
  };
}

const number = kindOf("Number", "integer");

function check(spec: Spec, kinds: readonly CheckedKind[] = [number], params?: CheckedKind) {
  return checkTypes({ metadata: { name: "p" }, spec }, { kinds, params });
}

const problemsOf = (expression: string, spec: Spec = {}) =>
  check({ ...spec, validations: [{ expression }] }).map(({ warning }) => warning);

test("checkTypes: fields and types are known of object and oldObject, requests and namespaces", () => {
  assert.deepEqual(problemsOf("object.spec.count > 1 && oldObject.spec.count < 2"), []);
  assert.deepEqual(
    problemsOf("object.metadata.name == '' && request.name == '' && namespaceObject.metadata.name == ''"),
    [],
  );
  assert.match(problemsOf("object.spec.cuont > 1")[0]!, /^g\/v1, Kind=Number: .*undefined field 'cuont'/);
  assert.match(problemsOf("request.nam == ''")[0]!, /undefined field 'nam'/);
});

test("checkTypes: where, and for each kind what", () => {
  const validations = [
    { expression: "object.spec.count > 1", messageExpression: "'got ' + object.spec.count" },
    { expression: "object.spec.count > '1'" },
  ];
  const warnings = check({ validations }, [number, kindOf("Text", "string")]);
  assert.deepEqual(
    warnings.map(({ fieldRef }) => fieldRef),
    ["spec.validations[0].expression", "spec.validations[0].messageExpression", "spec.validations[1].expression"],
  );
  assert.equal(
    warnings[1]!.warning,
    [
      "g/v1, Kind=Number: ERROR: <input>:1:8: found no matching overload for '_+_' applied to '(string, int)'",
      " | 'got ' + object.spec.count",
      " | .......^",
      "",
    ].join("\n"),
  );
});

test("checkTypes: variables have the types of their expressions, any where these are wrong", () => {
  const variables = [
    { name: "count", expression: "object.spec.count" },
    { name: "isOdd", expression: "variables.count % 2 == 1" },
    { name: "wrong", expression: "object.nothing" },
  ];
  assert.deepEqual(problemsOf("variables.isOdd && variables.wrong == 1", { variables }), []);
  assert.match(problemsOf("variables.count == 'a'", { variables })[0]!, /no matching overload/);
  assert.match(problemsOf("variables.missing == 'a'", { variables })[0]!, /undefined field 'missing'/);
});

test("checkTypes: parameters are typed where their schema is known", () => {
  const spec: Spec = {
    paramKind: { apiVersion: "g/v1", kind: "Text" },
    validations: [{ expression: "object.spec.count == params.spec.count" }],
  };
  assert.deepEqual(check(spec), []);
  assert.match(check(spec, [number], kindOf("Text", "string"))[0]!.warning, /applied to '\(int, string\)'/);
  assert.match(problemsOf("params == null")[0]!, /undeclared reference to 'params'/);
});

test("checkTypes: nothing is said of kinds nobody knows", () => {
  assert.deepEqual(check({ validations: [{ expression: "object.nothing" }] }, []), []);
});
