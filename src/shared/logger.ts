// Structured logs: a constant message and keyed values. Progress for people is another channel (turnup's events).

import { type DestinationStream, type LevelWithSilent, type Logger as PinoLogger, pino } from "pino";

export type Logger = Pick<PinoLogger, "debug" | "info" | "warn" | "error" | "child">;

/** Logs JSON lines to `destination` (default: standard error) from `level` (default: info) up. */
export function createLogger(options: {
  name: string;
  level?: LevelWithSilent;
  destination?: DestinationStream;
}): Logger {
  const { name, level = "info", destination = pino.destination({ dest: 2, sync: true }) } = options;
  return pino({ name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

/** Logs nothing. */
export const silentLogger: Logger = pino({ level: "silent" });
