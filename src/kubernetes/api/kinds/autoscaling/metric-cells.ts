// The metrics of an autoscaler in one cell: what was measured and what is aimed at, of two metrics at most.

import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../../generated/types.ts";
import { noneCell } from "../table/cells.ts";

const mostShown = 2;
const unknown = "<unknown>";

export function formatMetrics(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return noneCell;
  const shown = specs.slice(0, mostShown).map((spec, index) => formatMetric(spec, statuses[index]));
  const text = shown.join(", ");
  return specs.length > mostShown ? `${text} + ${specs.length - mostShown} more...` : text;
}

function formatMetric(spec: MetricSpec, status: MetricStatus | undefined): string {
  switch (spec.type) {
    case "External":
      return formatValue(spec.external?.target, status?.external?.current);
    case "Object":
      return formatValue(spec.object?.target, status?.object?.current);
    case "Pods":
      return `${formatAverage(status?.pods?.current)}/${spec.pods?.target.averageValue ?? "<nil>"}`;
    case "Resource":
      return formatResource(spec.resource?.name, spec.resource?.target, status?.resource?.current);
    case "ContainerResource": {
      const { containerResource: source } = spec;
      return formatResource(source?.name, source?.target, status?.containerResource?.current);
    }
    default:
      return "<unknown type>";
  }
}

/** Go prints a quantity that is not there so. */
function formatAverage(current: MetricValueStatus | undefined): string {
  return current ? (current.averageValue ?? "<nil>") : unknown;
}

function formatValue(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`;
  return `${current ? (current.value ?? "<nil>") : unknown}/${target?.value ?? "<nil>"}`;
}

function formatResource(name = "", target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${name}: ${formatAverage(current)}/${target.averageValue}`;
  const utilization = current?.averageUtilization;
  const wanted = target?.averageUtilization;
  return `${name}: ${utilization === undefined ? unknown : `${utilization}%`}/${wanted === undefined ? "<auto>" : `${wanted}%`}`;
}
