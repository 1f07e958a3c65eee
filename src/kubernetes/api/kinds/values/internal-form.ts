// Values as upstream's messages show those that are neither text nor number: the JSON of its internal Go types, whose fields
// have Go's names and order and are shown even if empty. The table lists, per type, Go's name, the API's name, the type.

import table from "../../generated/internal-forms.json" with { type: "json" };

type Row = readonly [goName: string, name: string, type: string, omit?: string];

const forms = table as unknown as Readonly<Record<string, readonly Row[]>>;
type Fields = Readonly<Record<string, unknown>>;

/** The value of the named internal type (or "[]Type", "map:Type") in upstream's form, made from its form in the API. */
export function internalForm(type: string, value: unknown): unknown {
  if (type.startsWith("*")) return value === undefined || value === null ? null : internalForm(type.slice(1), value);
  if (type.startsWith("[]"))
    return value ? (value as unknown[]).map((item) => internalForm(type.slice(2), item)) : null;
  if (type.startsWith("map:")) return value ? mapForm(type.slice("map:".length), value as Fields) : null;
  const rows = forms[type];
  return rows ? structForm(type, rows, (value ?? {}) as Fields) : (value ?? zeroValues[type] ?? null);
}

/** Of types that are no struct; a time's is null. */
const zeroValues: Readonly<Record<string, unknown>> = {
  string: "",
  bool: false,
  number: 0,
  quantity: "0",
  intstr: 0,
};

/** Keys in order, as Go writes maps. */
function mapForm(valueType: string, map: Fields): Fields {
  const form: Record<string, unknown> = {};
  for (const key of Object.keys(map).sort()) form[key] = internalForm(valueType, map[key]);
  return form;
}

function structForm(type: string, rows: readonly Row[], value: Fields): Fields {
  const form: Record<string, unknown> = {};
  const source = type === "PodSpec" ? withHostFields(value) : value;
  for (const [goName, name, fieldType, omit] of rows) {
    const field = source[name];
    // A Go struct embedded in another shows its fields as the other's own.
    if (goName === "") Object.assign(form, internalForm(fieldType, field));
    else if (omit === undefined || !isOmitted(fieldType, field)) form[goName] = internalForm(fieldType, field);
  }
  return form;
}

/** The internal type keeps the host's namespaces in the security context. */
function withHostFields(spec: Fields): Fields {
  const { hostNetwork, hostPID, hostIPC, hostUsers, shareProcessNamespace, securityContext } = spec;
  const host = { hostNetwork, hostPID, hostIPC, hostUsers, shareProcessNamespace };
  return { ...spec, securityContext: { ...(securityContext as Fields | undefined), ...host } };
}

/** Behind a pointer even an empty value is shown. */
function isOmitted(type: string, value: unknown): boolean {
  if (type.startsWith("*")) return value === undefined || value === null;
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}
