// Runs what makes up a machine's bootstrap one after the other, and keeps of each its exit code, its time and the end of its output.
// What fails says at once where, what and why.

import type { MachineConnection } from "#provision";
import { type Clock, CommandFailedError, describeError, exitCodes, UserError } from "#shared";
import { type CommandReport, outputTailBytes } from "../report.ts";

export interface TaskRunnerOptions {
  /** For messages. */
  readonly machine: string;
  readonly connection: MachineConnection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Takes secrets out of what is shown and kept. */
  mask(text: string): string;
  report(detail: string): void;
}

const shownLines = 12;

export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  readonly #done: CommandReport[] = [];

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  get done(): readonly CommandReport[] {
    return [...this.#done];
  }

  /** Runs a command as a task; answers what it wrote to its standard output. */
  command(title: string, argv: readonly string[], okCodes: readonly number[] = [0]): Promise<string> {
    return this.task(title, async () => {
      const { connection, signal } = this.#options;
      const { stdout, stderr } = await connection.exec(argv, { signal, okCodes });
      return { output: `${stdout}${stderr}`, result: stdout };
    });
  }

  /** Runs what is no single command as a task. */
  async task<T>(title: string, action: () => Promise<{ readonly output?: string; readonly result: T }>): Promise<T> {
    const { clock, report, signal } = this.#options;
    signal.throwIfAborted();
    report(this.#options.mask(title));
    const start = clock.now();
    try {
      const { output = "", result } = await action();
      this.#note(title, { exitCode: 0, output }, start);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#fail(title, error, start);
    }
  }

  skip(title: string): void {
    this.#done.push({ title: this.#options.mask(title), exitCode: 0, ms: 0, output: "", skipped: true });
  }

  #note(title: string, { exitCode, output }: { exitCode: number; output: string }, start: number): string {
    const { mask, clock } = this.#options;
    const tail = mask(output).slice(-outputTailBytes);
    this.#done.push({ title: mask(title), exitCode, ms: Math.round(clock.now() - start), output: tail });
    return tail;
  }

  #fail(title: string, error: unknown, start: number): UserError {
    const { machine, mask } = this.#options;
    const what = mask(title.charAt(0).toLowerCase() + title.slice(1));
    if (!(error instanceof CommandFailedError) || error.code === undefined) {
      const reason = mask(describeError(error));
      this.#note(title, { exitCode: 1, output: reason }, start);
      const hints = error instanceof UserError ? error.hints : [];
      return new UserError(`${machine}: cannot ${what}: ${reason}`, {
        hints,
        exitCode: exitCodes.bootstrap,
        cause: error,
      });
    }
    const output = this.#note(title, { exitCode: error.code, output: `${error.stdout}${error.stderr}` }, start);
    const lines = output.trimEnd().split("\n").slice(-shownLines);
    const says = lines.join("") === "" ? ["It said nothing."] : ["It ended with:", ...lines.map((line) => `  ${line}`)];
    return new UserError(`${machine}: cannot ${what}: exit code ${error.code}`, {
      hints: says,
      exitCode: exitCodes.bootstrap,
      cause: new Error(mask(error.message)),
    });
  }
}
