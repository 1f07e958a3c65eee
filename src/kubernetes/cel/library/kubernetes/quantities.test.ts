import { test } from "node:test";
import { runCases } from "../../testing/run-cases.ts";

test("quantity", () => {
  runCases({
    "quantity('1Gi').isGreaterThan(quantity('1G'))": "true",
    "quantity('1').isLessThan(quantity('900m'))": "false",
    "quantity('100m').add(quantity('1')).compareTo(quantity('1.1'))": "0",
    "quantity('5').sub(3).asInteger()": "2",
    "quantity('1.5').asInteger()": "cannot convert value to integer",
    "quantity('1.5').isInteger()": "false",
    "quantity('1500m').asApproximateFloat()": "1.5",
    "sign(quantity('-1'))": "-1",
    "isQuantity('1.3.3')": "false",
    "quantity('1.3.3')": "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    "quantity('1000m') == quantity('1')": "true",
    "quantity('1k') == quantity('1Ki')": "false",
  });
});
