import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device } from "#kubernetes/api";
import { compileDeviceSelector, matchesDevice } from "./device-selector.ts";

const device: Device = {
  name: "gpu-0",
  attributes: {
    model: { string: "a100" },
    "other.example.com/index": { int: 3 },
    isReady: { bool: true },
    firmware: { version: "1.2.3" },
  },
  capacity: { memory: { value: "40Gi" } },
};

function matches(expression: string): boolean | string {
  const compiled = compileDeviceSelector(expression);
  if ("problem" in compiled) return compiled.problem;
  try {
    return matchesDevice(compiled.program, "gpu.example.com", device);
  } catch (error) {
    return (error as Error).message;
  }
}

test("matchesDevice: attributes by domain, those without one in the driver's", () => {
  const cases: Readonly<Record<string, boolean | string>> = {
    'device.driver == "gpu.example.com"': true,
    'device.attributes["gpu.example.com"].model == "a100"': true,
    'device.attributes["other.example.com"].index > 2': true,
    'device.attributes["gpu.example.com"].isReady': true,
    'device.attributes["gpu.example.com"].firmware.isGreaterThan(semver("1.2.0"))': true,
    'device.capacity["gpu.example.com"].memory.compareTo(quantity("80Gi")) >= 0': false,
    '"gpu.example.com" in device.attributes && !("nobody.example.com" in device.attributes)': true,
    'has(device.attributes["nobody.example.com"].model)': false,
    'cel.bind(own, device.attributes["gpu.example.com"], own.isReady && own.model == "h100")': false,
    "device.allowMultipleAllocations": false,
    'device.attributes["gpu.example.com"].missing == 1': "no such key: missing",
    'device.attributes["other.example.com"].index': "CEL result could not be converted to bool",
  };
  for (const [expression, expected] of Object.entries(cases)) assert.equal(matches(expression), expected, expression);
});

test("compileDeviceSelector: what is no condition is refused, what may cost too much is marked", () => {
  assert.equal(matches("device.driver"), "must evaluate to bool or the unknown type, not string");
  assert.match(matches("device.name == 'x'") as string, /^compilation failed: .*undefined field 'name'/);
  const inner = 'device.attributes["d"].all(c, device.attributes["d"].all(d, true))';
  const costly = `device.attributes["d"].all(a, device.attributes["d"].all(b, ${inner}))`;
  const isCostly = [costly, "true"].map((expression) => {
    const compiled = compileDeviceSelector(expression);
    return "program" in compiled && compiled.isTooCostly;
  });
  assert.deepEqual(isCostly, [true, false]);
});
