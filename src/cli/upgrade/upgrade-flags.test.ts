import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseAnew, parseWish, refusePlanFlags, type UpgradeFlags } from "./upgrade-flags.ts";

const defaults: UpgradeFlags = { drain: true, drainTimeout: "10m", maxUnavailable: "1", surge: "1" };
const typed =
  (...flags: string[]) =>
  (flag: string) =>
    flags.includes(flag);

test("chooseAnew: an upgrade goes on as it began, but for what is typed again", () => {
  const began = parseWish({ ...defaults, drain: false, drainTimeout: "90s", gate: "check me" }, typed()).choices;
  assert.deepEqual(began, { drain: false, drainTimeoutMs: 90_000, gate: "check me" });
  assert.deepEqual(chooseAnew(began, defaults, typed()), began);
  assert.deepEqual(chooseAnew(began, { ...defaults, drainTimeout: "0", gate: "" }, typed("drainTimeout", "gate")), {
    drain: false,
  });
});

test("parseWish: how workers are replaced, and flags that contradict each other", () => {
  assert.equal(parseWish(defaults, typed()).surge, undefined);
  assert.equal(parseWish({ ...defaults, replace: true }, typed("replace")).surge, 1);
  assert.equal(parseWish({ ...defaults, replace: true, surge: "0", maxUnavailable: "2" }, typed("surge")).surge, 0);
  const refused = (flags: Partial<UpgradeFlags>, ...given: string[]) => {
    let message = "";
    assert.throws(
      () => parseWish({ ...defaults, ...flags }, typed(...given)),
      (error: Error) => {
        message = error.message;
        return true;
      },
    );
    return message;
  };
  assert.match(refused({ surge: "2" }, "surge"), /--surge without --replace/);
  assert.match(refused({ replace: true, maxUnavailable: "2" }, "maxUnavailable"), /--max-unavailable with --replace/);
  assert.match(refused({ maxUnavailable: "0" }), /--max-unavailable 0: it must be a whole number from 1/);
  assert.match(refused({ replace: true, surge: "-1" }), /--surge -1: it must be a whole number from 0/);
  assert.match(refused({ drainTimeout: "soon" }), /--drain-timeout soon/);
});

test("refusePlanFlags: what the plan was made from cannot change while it is carried out", () => {
  refusePlanFlags("demo", typed("gate", "drain"));
  assert.throws(() => refusePlanFlags("demo", typed("surge", "replace")), /Cannot use --replace, --surge now/);
});
