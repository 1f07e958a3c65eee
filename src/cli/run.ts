// Runs one command line: finds the command, loads it, and turns what is thrown into messages and an exit code.

import { Command, CommanderError } from "commander";
import { describeError, exitCodes, UserError } from "#shared";
import { commands, groups } from "./commands.ts";
import type { CliContext } from "./context.ts";
import { ExitError } from "./exit-error.ts";
import { slipwayVersion } from "./version.ts";

/** `argv` is without the program's name. Resolves with the exit code; never rejects. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<number> {
  try {
    const program = await createProgram(argv, context);
    await program.parseAsync(withoutHelpForNothing(argv, program), { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    return reportError(error, context);
  }
}

async function createProgram(argv: readonly string[], context: CliContext): Promise<Command> {
  const program = new Command("slipway");
  program
    .description("Turns up Kubernetes clusters, and hauls them back out.")
    .version(`slipway ${slipwayVersion}`, "-V, --version", "print the version")
    .helpCommand("help [command]", "explain a command")
    .showHelpAfterError("(slipway help shows all commands)");
  configure(program, context);
  const folders = new Map<string, Command>();
  for (const [words, entry] of Object.entries(commands)) {
    const [first, second] = words.split(" ");
    const parent = second === undefined ? program : (folders.get(first!) ?? addGroup(program, first!, folders));
    const command = parent
      .command(second ?? first!)
      .description(entry.description)
      .showHelpAfterError(`(slipway ${words} --help shows what it takes)`);
    if (second === undefined) folders.set(first!, command);
    if (isAskedFor(words, argv)) (await entry.load()).define(command, context, argv);
  }
  return program;
}

function addGroup(program: Command, name: string, folders: Map<string, Command>): Command {
  const group = program.command(name).description(groups[name] ?? name);
  folders.set(name, group);
  return group;
}

/** Help about a command that is none would be the help of all, as if nothing were wrong: then only the wrong word is left to refuse. */
function withoutHelpForNothing(argv: readonly string[], { commands: known }: Command): string[] {
  const asked = argv[0] === "help" ? argv[1] : argv.find((word) => !word.startsWith("-"));
  const isKnown = asked === undefined || asked === "help" || known.some((command) => command.name() === asked);
  return isKnown ? [...argv] : [asked];
}

/**
 * Whether the words typed, without options in between, begin with the command's; "help up" asks for up, too. "config check" asks for
 * nothing of "config".
 */
function isAskedFor(words: string, argv: readonly string[]): boolean {
  const typed = argv.filter((word) => !word.startsWith("-"));
  const from = typed[0] === "help" ? 1 : 0;
  const wanted = words.split(" ");
  const longer = `${words} ${typed[from + wanted.length]}`;
  return wanted.every((word, index) => typed[from + index] === word) && !(longer in commands);
}

/** Subcommands inherit these. */
function configure(command: Command, context: CliContext): void {
  command.exitOverride().configureOutput({
    writeOut: context.out,
    writeErr: context.err,
    outputError: (text, write) => write(text.replace(/^error: /, "slipway: ")),
    getErrHelpWidth: context.columns,
    getOutHelpWidth: context.columns,
  });
}

function reportError(error: unknown, context: CliContext): number {
  if (error instanceof CommanderError) {
    // Commander has said it already. Asking for help is no error.
    return error.exitCode === 0 || error.code === "commander.help" ? exitCodes.ok : exitCodes.usage;
  }
  if (error instanceof ExitError) return error.exitCode;
  context.err(`slipway: ${describeError(error)}\n`);
  if (error instanceof UserError) {
    for (const hint of error.hints) context.err(`  ${hint}\n`);
    return error.exitCode;
  }
  const stack = error instanceof Error ? error.stack : undefined;
  if (context.environment["SLIPWAY_DEBUG"] && stack) context.err(`${stack}\n`);
  else context.err("  This is a fault of slipway. SLIPWAY_DEBUG=1 shows where it comes from.\n");
  return exitCodes.failed;
}
