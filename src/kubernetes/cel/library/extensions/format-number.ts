// Doubles in decimal digits. Halves go to the even digit, as Go rounds them; JavaScript's own toFixed takes the larger.

const MAX_PRECISION = 100;
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const FRACTION_BITS = 52n;
const EXPONENT_BIAS = 1075n;

/** As in American English: thousands are set apart by commas. */
export function formatFixed(value: number, precision: number): string {
  const [whole = "", fraction] = formatPlain(value, precision).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function formatPlain(value: number, precision: number): string {
  const places = Math.min(precision, MAX_PRECISION);
  const digits = String(scaleByTen(value, places)).padStart(places + 1, "0");
  const fraction = places === 0 ? "" : `.${digits.slice(-places)}`;
  return `${signOf(value)}${digits.slice(0, digits.length - places)}${fraction}`;
}

export function formatScientific(value: number, precision: number): string {
  const places = Math.min(precision, MAX_PRECISION);
  const exponent = Number(value.toExponential(places).split("e")[1]);
  const digits = String(scaleByTen(value, places - exponent)).padStart(places + 1, "0");
  const fraction = places === 0 ? "" : `.${digits.slice(1)}`;
  return `${signOf(value)}${digits.slice(0, 1)}${fraction}×10${printExponent(exponent)}`;
}

function printExponent(exponent: number): string {
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `${exponent < 0 ? "⁻" : ""}${Array.from(digits, (digit) => SUPERSCRIPTS[Number(digit)]).join("")}`;
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

/** The magnitude times a power of ten, rounded from its exact value. */
function scaleByTen(value: number, power: number): bigint {
  const [mantissa, exponent] = splitDouble(value);
  const ten = 10n ** BigInt(Math.abs(power));
  const two = 1n << (exponent < 0n ? -exponent : exponent);
  const numerator = mantissa * (power > 0 ? ten : 1n) * (exponent > 0n ? two : 1n);
  const denominator = (power < 0 ? ten : 1n) * (exponent < 0n ? two : 1n);
  return divideToEven(numerator, denominator);
}

function divideToEven(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  const twice = (numerator % denominator) * 2n;
  const isUp = twice > denominator || (twice === denominator && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

/** The magnitude as a whole number times a power of two. */
function splitDouble(value: number): readonly [bigint, bigint] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const fraction = bits & ((1n << FRACTION_BITS) - 1n);
  const exponent = bits >> FRACTION_BITS;
  if (exponent === 0n) return [fraction, 1n - EXPONENT_BIAS];
  return [fraction | (1n << FRACTION_BITS), exponent - EXPONENT_BIAS];
}
