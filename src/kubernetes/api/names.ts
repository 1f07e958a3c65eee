// What may be written as a name, key, label, port or percentage: the format checks every kind shares, in upstream's words
// (apimachinery's util/validation and api/validate/content). Each answers what is wrong, one text per rule; empty: it is fine.
// Lengths count bytes of UTF-8, as upstream's do.

const dns1123Label = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const dns1123Subdomain = `${dns1123Label}(\\.${dns1123Label})*`;
const underscoreLabel = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const underscoreSubdomain = `${underscoreLabel}(\\.${underscoreLabel})*`;
const labelKey = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

const dns1123LabelExpression = whole(dns1123Label);
const dns1123SubdomainExpression = whole(dns1123Subdomain);
const caselessSubdomainExpression = new RegExp(`^${dns1123Subdomain}$`, "i");
const underscoreSubdomainExpression = whole(underscoreSubdomain);
const labelKeyExpression = whole(labelKey);

const longestLabel = 63;
const longestSubdomain = 253;

const checkDNS1123LabelFormat = formatCheck(
  dns1123Label,
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  ["my-name", "123-abc"],
);
const checkDNS1123SubdomainFormat = formatCheck(
  dns1123Subdomain,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  ["example.com"],
);
const checkWildcardFormat = formatCheck(
  `\\*\\.${dns1123Subdomain}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  ["*.example.com"],
);
const checkDNS1035LabelFormat = formatCheck(
  "[a-z]([-a-z0-9]*[a-z0-9])?",
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  ["my-name", "abc-123"],
);
const checkConfigMapKeyFormat = formatCheck(
  "[-._a-zA-Z0-9]+",
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  ["key.name", "KEY_NAME", "key-name"],
);
const checkLabelValueFormat = formatCheck(
  `(${labelKey})?`,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  ["MyValue", "my_value", "12345"],
);
const checkEnvVarNameFormat = formatCheck(
  "[-._a-zA-Z][-._a-zA-Z0-9]*",
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  ["my.env-name", "MY_ENV.NAME", "MyEnvName1"],
);
const labelKeyWords = regexError(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  labelKey,
  ["MyName", "my.name", "123-abc"],
);

/** One part of a DNS name, up to 63 characters: upstream's IsDNS1123Label. */
export function checkDNS1123Label(value: string): string[] {
  const problems = isLonger(value, longestLabel) ? [maxLenError(longestLabel)] : [];
  if (dns1123LabelExpression.test(value)) return problems;
  if (dns1123SubdomainExpression.test(value)) return [...problems, "must not contain dots"];
  return [...problems, ...checkDNS1123LabelFormat(value)];
}

/** A DNS name, up to 253 characters: upstream's IsDNS1123Subdomain. */
export function checkDNS1123Subdomain(value: string): string[] {
  return withinLength(value, longestSubdomain, checkDNS1123SubdomainFormat(value));
}

/** A DNS name whose parts may hold underscores. */
export function checkDNS1123SubdomainWithUnderscore(value: string): string[] {
  const problems = underscoreSubdomainExpression.test(value)
    ? []
    : [
        regexError(
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
          underscoreSubdomain,
          ["example.com"],
        ),
      ];
  return withinLength(value, longestSubdomain, problems);
}

/** A DNS name in either case, for the few fields that always took one (driver names). Counts bytes in its words, too. */
export function checkDNS1123SubdomainCaseless(value: string): string[] {
  const problems = isLonger(value, longestSubdomain) ? [maxBytesError(longestSubdomain)] : [];
  if (caselessSubdomainExpression.test(value)) return problems;
  const words =
    "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...problems, regexError(words, dns1123Subdomain, ["Example.com"])];
}

/** A DNS label that starts with a letter: upstream's IsDNS1035Label. */
export function checkDNS1035Label(value: string): string[] {
  return withinLength(value, longestLabel, checkDNS1035LabelFormat(value));
}

/** "*." and a DNS name. */
export function checkWildcardDNS1123Subdomain(value: string): string[] {
  return withinLength(value, longestSubdomain, checkWildcardFormat(value));
}

/** A name with an optional DNS prefix and "/": label and annotation keys, finalizers, resource names (IsQualifiedName). */
export function checkQualifiedName(value: string): string[] {
  const parts = value.split("/");
  if (parts.length > 2) {
    return [
      `a valid label key ${labelKeyWords} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? "";
  const problems = parts.length === 2 ? checkKeyPrefix(parts[0] ?? "") : [];
  if (name === "") problems.push(`name part ${emptyError}`);
  else if (isLonger(name, longestLabel)) problems.push(`name part ${maxBytesError(longestLabel)}`);
  if (!labelKeyExpression.test(name)) problems.push(`name part ${labelKeyWords}`);
  return problems;
}

function checkKeyPrefix(prefix: string): string[] {
  if (prefix === "") return [`prefix part ${emptyError}`];
  const problems = isLonger(prefix, longestSubdomain) ? [maxBytesError(longestSubdomain)] : [];
  return [...problems, ...checkDNS1123SubdomainFormat(prefix)].map((problem) => `prefix part ${problem}`);
}

/** The value of a label: empty, or up to 63 bytes of the label key's characters. */
export function checkLabelValue(value: string): string[] {
  const problems = isLonger(value, longestLabel) ? [maxBytesError(longestLabel)] : [];
  return [...problems, ...checkLabelValueFormat(value)];
}

/** A key of a ConfigMap or Secret, which becomes a file's name. */
export function checkConfigMapKey(value: string): string[] {
  return [...withinLength(value, longestSubdomain, checkConfigMapKeyFormat(value)), ...checkParentFolder(value)];
}

/** An environment variable's name as it was allowed before any printable ASCII was. */
export function checkEnvVarName(value: string): string[] {
  return [...checkEnvVarNameFormat(value), ...checkParentFolder(value)];
}

/** An environment variable's name: printable ASCII without "=". */
export function checkRelaxedEnvVarName(value: string): string[] {
  if (value === "") return [`environment variable name ${emptyError}`];
  if (/^[ -<>-~]*$/.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

export const checkCIdentifier: (value: string) => string[] = formatCheck(
  "[A-Za-z_][A-Za-z0-9_]*",
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
  ["my_name", "MY_NAME", "MyName"],
);

export const checkHTTPHeaderName: (value: string) => string[] = formatCheck(
  "[-A-Za-z0-9]+",
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  ["X-Header-Name"],
);

/** Digits and "%". */
export const checkPercent: (value: string) => string[] = formatCheck(
  "[0-9]+%",
  "a valid percent string must be a numeric string followed by an ending '%'",
  ["1%", "93%"],
);

/** The name of a port: an IANA service name. */
export function checkPortName(value: string): string[] {
  const problems = isLonger(value, 15) ? [maxLenError(15)] : [];
  if (!/^[-a-z0-9]+$/.test(value)) {
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(value)) problems.push("must contain at least one letter (a-z)");
  if (value.includes("--")) problems.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) problems.push("must not begin or end with a hyphen");
  return problems;
}

export function checkPortNumber(value: number): string[] {
  return checkRange(value, 1, 65535);
}

export function checkRange(value: number, least: number, most: number): string[] {
  return value >= least && value <= most ? [] : [rangeError(least, most)];
}

/** A Unix user id. */
export function checkUserID(value: number): string[] {
  return checkRange(value, 0, 2 ** 31 - 1);
}

/** A Unix group id. */
export function checkGroupID(value: number): string[] {
  return checkRange(value, 0, 2 ** 31 - 1);
}

/** An integer in decimal as a person writes it: no plus sign, no leading zeros, no "-0". */
export function checkDecimalInteger(value: string): string[] {
  if (value === "") return [emptyError];
  return /^(0|-?[1-9][0-9]*)$/.test(value) ? [] : ["must be a valid decimal integer in canonical form"];
}

/** What can stand as one segment of a URL's path or a key of the store. Says nothing of empty names. */
export function checkPathSegmentName(value: string): string[] {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return checkPathSegmentPrefix(value);
}

/** What can begin such a segment. */
export function checkPathSegmentPrefix(value: string): string[] {
  return ["/", "%"].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);
}

/** Checks of metadata.name, as KindDefinition.validateName takes them. A prefix (generateName) may end in "-". */
export const checkDNSSubdomainName = nameCheck(checkDNS1123Subdomain);
export const checkDNSLabelName = nameCheck(checkDNS1123Label);
export const checkDNS1035LabelName = nameCheck(checkDNS1035Label);

export const emptyError = "must be non-empty";
export const negativeError = "must be greater than or equal to 0";

export function maxLenError(most: number): string {
  return `must be no more than ${most} characters`;
}

export function rangeError(least: number, most: number): string {
  return `must be between ${least} and ${most}, inclusive`;
}

/** "words (e.g. 'a',  or 'b', regex used for validation is '…')": upstream's words, its odd comma included. */
export function regexError(words: string, expression: string, examples: readonly string[] = []): string {
  const used = `regex used for validation is '${expression}'`;
  if (examples.length === 0) return `${words} (${used})`;
  return `${words} (e.g. ${examples.map((example) => `'${example}', `).join(" or ")}${used})`;
}

/** A dash at a prefix's end is hidden together with the character before it, as upstream does. */
function nameCheck(check: (value: string) => string[]): (name: string, isPrefix: boolean) => string[] {
  return (name, isPrefix) => check(isPrefix && name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name);
}

function maxBytesError(most: number): string {
  return `must be no more than ${most} bytes`;
}

/** Names of files that would lead out of a volume's folder. */
function checkParentFolder(value: string): string[] {
  if (value === "." || value === "..") return [`must not be '${value}'`];
  return value.startsWith("..") ? ["must not start with '..'"] : [];
}

function withinLength(value: string, most: number, problems: string[]): string[] {
  if (isLonger(value, most)) problems.unshift(maxLenError(most));
  return problems;
}

function formatCheck(expression: string, words: string, examples: readonly string[]): (value: string) => string[] {
  const compiled = whole(expression);
  const problem = regexError(words, expression, examples);
  return (value) => (compiled.test(value) ? [] : [problem]);
}

function whole(expression: string): RegExp {
  return new RegExp(`^${expression}$`);
}

function isLonger(value: string, mostBytes: number): boolean {
  if (value.length > mostBytes) return true;
  return value.length * 3 > mostBytes && Buffer.byteLength(value) > mostBytes;
}
