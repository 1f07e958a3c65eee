import assert from "node:assert/strict";
import test from "node:test";
import {
  compareElements,
  decodeElement,
  describeElement,
  encodeElement,
  fieldElement,
  indexElement,
  keyElement,
  PathElementError,
  valueElement,
} from "./path-element.ts";

test("path elements: are spelt as FieldsV1 spells them, with Go's escapes", () => {
  assert.equal(fieldElement("app.kubernetes.io/name"), "f:app.kubernetes.io/name");
  assert.equal(
    keyElement([
      ["containerPort", 80],
      ["protocol", "TCP"],
    ]),
    'k:{"containerPort":80,"protocol":"TCP"}',
  );
  assert.equal(valueElement('<"é">'), 'v:"\\u003c\\"é\\"\\u003e"');
  assert.equal(valueElement(true), "v:true");
  assert.equal(indexElement(3), "i:3");
});

test("decodeElement: reads any spelling; encodeElement gives the canonical one", () => {
  for (const [text, canonical] of [
    ["f:a:b", "f:a:b"],
    ['k:{ "protocol": "TCP", "containerPort": 80 }', 'k:{"containerPort":80,"protocol":"TCP"}'],
    ['v:"\\u0061"', 'v:"a"'],
    ["v:1.0", "v:1"],
    ["i:+07", "i:7"],
  ] as const) {
    assert.equal(encodeElement(decodeElement(text)!), canonical);
  }
});

test("decodeElement: passes over types it does not know, and refuses what is no element", () => {
  assert.equal(decodeElement("x:new"), undefined);
  for (const [text, message] of [
    ["f", "key must be 2 characters long:"],
    ["name", "missing colon: name"],
    ["i:x", 'strconv.Atoi: parsing "x": invalid syntax'],
  ] as const) {
    assert.throws(() => decodeElement(text), new PathElementError(message));
  }
  for (const text of ["v:{", "k:[1]", "k:x"]) assert.throws(() => decodeElement(text), PathElementError);
});

test("compareElements: fields, keys, values, indices; numbers by size and before texts", () => {
  const sorted = [
    "f:a",
    "f:b",
    'k:{"a":2}',
    'k:{"a":10}',
    'k:{"a":"x"}',
    'k:{"a":"x","b":1}',
    'k:{"b":1}',
    "v:2",
    "v:10",
    'v:"a"',
    "v:false",
    "v:true",
    "i:2",
    "i:10",
  ];
  assert.deepEqual(sorted.toReversed().toSorted(compareElements), sorted);
});

test("describeElement: shows steps as messages do", () => {
  assert.equal(describeElement("f:spec"), ".spec");
  assert.equal(describeElement('k:{"containerPort":80,"protocol":"TCP"}'), '[containerPort=80,protocol="TCP"]');
  assert.equal(describeElement('v:"x"'), '[="x"]');
  assert.equal(describeElement("i:2"), "[2]");
  assert.equal(describeElement("v:null"), "[=null]");
});
