// Prometheus' text form, line by line: for metrics that others measure, where a registry would only copy them. Pure.

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** When it was measured, in milliseconds since the epoch. */
  readonly at?: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: "counter" | "gauge";
  /** With the stability upstream gives it, such as "[STABLE] …". */
  readonly help: string;
  readonly samples: readonly Sample[];
}

export function prometheusText(families: readonly MetricFamily[]): string {
  return families.map(formatFamily).join("");
}

function formatFamily({ name, type, help, samples }: MetricFamily): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  for (const { labels, value, at } of samples) {
    const list = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
    const time = at === undefined ? "" : ` ${Math.round(at)}`;
    lines.push(`${name}${list.length > 0 ? `{${list.join(",")}}` : ""} ${value}${time}`);
  }
  return `${lines.join("\n")}\n`;
}

function escapeLabel(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`));
}
