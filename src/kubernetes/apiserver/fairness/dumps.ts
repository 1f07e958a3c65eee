// /debug/api_priority_and_fairness/…: levels, queues and requests as upstream's tables of comma-separated cells.

import type { FlowRequest } from "./flow-request.ts";
import type { PriorityLevel } from "./priority-level.ts";

type Level = PriorityLevel<FlowRequest>;
type Row = readonly (string | number | boolean)[];

export function dumpLevels(levels: readonly Level[]): string {
  const header =
    "PriorityLevelName ActiveQueues IsIdle IsQuiescing WaitingRequests ExecutingRequests DispatchedRequests";
  const more = "RejectedRequests TimedoutRequests CancelledRequests";
  const rows = sorted(levels).map((level): Row => {
    const { dispatched, rejected, timedOut, cancelled } = level.counts;
    const isIdle = level.waiting === 0 && level.running === 0;
    const now = [level.queues.length, isIdle, level.isRetired, level.waiting, level.running];
    return [level.name, ...now, dispatched, rejected, timedOut, cancelled];
  });
  return table(`${header} ${more}`, rows);
}

export function dumpQueues(levels: readonly Level[]): string {
  const header = "PriorityLevelName Index PendingRequests ExecutingRequests SeatsInUse NextDispatchR InitialSeatsSum";
  const rows = sorted(levels).flatMap((level) =>
    level.queues.map(({ index, waiting, executing, served }): Row => {
      const initial = sum(waiting.map(({ request }) => request.about.work.initialSeats));
      const most = sum(waiting.map(({ request }) => request.seats));
      const inUse = sum([...executing].map(({ seats }) => seats));
      const now = [waiting.length, executing.size, inUse, `${served}ss`];
      return [level.name, index, ...now, initial, most, `${most}ss`];
    }),
  );
  return table(`${header} MaxSeatsSum TotalWorkSum`, rows);
}

/** `withDetails`: who asks for what, too. */
export function dumpRequests(levels: readonly Level[], withDetails: boolean): string {
  const header =
    "PriorityLevelName FlowSchemaName QueueIndex RequestIndexInQueue FlowDistingsher ArriveTime InitialSeats";
  const more = "FinalSeats AdditionalLatency StartTime";
  const details = withDetails ? " UserName Verb APIPath Namespace Name APIVersion Resource SubResource" : "";
  const rows = sorted(levels).flatMap((level) => [
    ...level.queues.flatMap(({ index, waiting }) =>
      waiting.map(({ request }, at) => requestRow(level, request.about, [index, at], withDetails)),
    ),
    ...level.executing.map(({ about }) => requestRow(level, about, [-1, -1], withDetails)),
  ]);
  return table(`${header} ${more}${details}`, rows);
}

function requestRow(level: Level, request: FlowRequest, place: readonly number[], withDetails: boolean): Row {
  const { schema, distinguisher, work, call, arrivedMs, startedMs } = request;
  const { initialSeats, finalSeats, finalMs } = work;
  const times = [timeOf(arrivedMs), initialSeats, finalSeats, `${finalMs}ms`, timeOf(startedMs)];
  const row = [level.name, schema, ...place, distinguisher, ...times];
  if (!withDetails) return row;
  const { verb, path, namespace, name, apiGroup, apiVersion, resource, subresource } = call.info;
  const version = apiGroup === "" ? apiVersion : `${apiGroup}/${apiVersion}`;
  return [...row, call.user.name, verb, path, namespace, name, version, resource, subresource];
}

function timeOf(ms: number | undefined): string {
  return ms === undefined ? "0001-01-01T00:00:00Z" : new Date(ms).toISOString();
}

function sorted(levels: readonly Level[]): Level[] {
  return [...levels].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Columns as wide as their longest cell, and a space. */
function table(header: string, rows: readonly Row[]): string {
  const cells = [header.split(" "), ...rows.map((row) => row.map(String))];
  const widths = cells[0]!.map((_, column) => Math.max(8, ...cells.map((row) => row[column]!.length + 2)));
  const lines = cells.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : `${cell},`.padEnd(widths[column]!))).join(""),
  );
  return `${lines.join("\n")}\n`;
}
