// slipway certs rotate-ca

import { type Command, Option } from "commander";
import {
  advanceRotation,
  beginRotation,
  endRotation,
  type RotatedAuthority,
  type Rotation,
  type RotationStage,
  readRotation,
  rotationStages,
} from "#bootstrap";
import { exitCodes, UserError } from "#shared";
import { refuseRemote } from "../../certs/refuse-remote.ts";
import { addNameOption, type ExistingCluster, findCluster, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { formatTable } from "../../table.ts";
import { turnUp } from "../../turn-up.ts";
import { refuseWhileUpgrading } from "../../upgrade/upgrade-state.ts";

interface RotateOptions extends ProgressOptions {
  readonly name?: string;
  readonly plan?: boolean;
  readonly until?: RotationStage;
  readonly now?: boolean;
}

/** As people name them. */
const authorities: Readonly<Record<string, RotatedAuthority>> = {
  kubernetes: "ca",
  "front-proxy": "front-proxy-ca",
  "service-accounts": "sa",
};

/** How long tokens of pods may live that were signed by the old key: kubelets ask for an hour, and for new ones earlier. */
const tokenLifeMs = 60 * 60 * 1000;

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .argument("[authority...]", `${Object.keys(authorities).join(", ")} (default: all of them)`)
    .option("--plan", "show the stages, and do nothing")
    .addOption(new Option("--until <stage>", "stop after this stage; the next call goes on").choices(rotationStages))
    .option("--now", "drop the service accounts' old key though tokens signed by it may still be in use")
    .action((names: string[], options: RotateOptions) => rotate(context, names, options));
}

async function rotate(context: CliContext, names: readonly string[], options: RotateOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  refuseRemote(cluster, context);
  const chosen = chooseAuthorities(names);
  const { pki } = cluster.paths;
  if (options.plan) return context.out(describeStages(await readRotation(pki), chosen));
  await withClusterLock(cluster, "certs rotate-ca", async () => {
    refuseWhileUpgrading(cluster);
    const found = await readRotation(pki);
    if (found && names.length > 0 && chosen.some((authority) => !found.authorities.includes(authority))) {
      throw new UserError(`Cannot rotate ${names.join(", ")}: a rotation of others is under way`, {
        hints: [`Finish it first: slipway certs rotate-ca --name ${cluster.name}`],
        exitCode: exitCodes.conflict,
      });
    }
    await runStages(cluster, found ?? (await beginRotation(pki, chosen)), context, options);
  });
}

/** Each stage ends when all have read its files: when the plan has run, and every node is ready. */
async function runStages(
  cluster: ExistingCluster,
  begun: Rotation,
  context: CliContext,
  options: RotateOptions,
): Promise<void> {
  const say = sayer(context, options);
  const { pki } = cluster.paths;
  let rotation = begun;
  for (;;) {
    const { stage } = rotation;
    say(`Stage ${rotationStages.indexOf(stage) + 1} of ${rotationStages.length}: ${stageTitles[stage]}.\n`);
    await turnUp(cluster, cluster.config, context, { onEvent: createRenderer(context, options) });
    if (stage === "drop") break;
    if (stage === options.until) return say(`Stopped after stage "${stage}". The same command goes on from here.\n`);
    const wait = mustWait(rotation, options);
    if (wait !== undefined) return say(`${wait}\n`);
    rotation = await advanceRotation(pki, rotation);
  }
  await endRotation(pki);
  say("The old authorities are trusted no more. Whoever had a copy of the kubeconfig needs the new one.\n");
  say("Pods that read an authority only when they start need to be started anew: kubectl rollout restart.\n");
}

const stageTitles: Readonly<Record<RotationStage, string>> = {
  trust: "the new authorities are trusted beside the old ones",
  sign: "the new ones sign, and every certificate is issued anew",
  drop: "the old ones are trusted no more",
};

function mustWait(rotation: Rotation, { now }: RotateOptions): string | undefined {
  if (rotation.stage !== "sign" || now || !rotation.authorities.includes("sa")) return undefined;
  const until = Date.parse(rotation.signedAt!) + tokenLifeMs;
  if (Date.now() >= until) return undefined;
  const time = new Date(until).toISOString().slice(0, 16).replace("T", " ");
  return `Tokens that the old key has signed are good until ${time} UTC: the same command then drops it (--now: at once).`;
}

function describeStages(rotation: Rotation | undefined, chosen: readonly RotatedAuthority[]): string {
  const reached = rotation ? rotationStages.indexOf(rotation.stage) : -1;
  const rows = rotationStages.map((stage, index) => {
    const state = index < reached ? "done" : index === reached ? "under way" : "to do";
    return [`${index + 1} ${stage}`, stageTitles[stage], state];
  });
  const names = Object.entries(authorities).filter(([, file]) => (rotation?.authorities ?? chosen).includes(file));
  return `Authorities: ${names.map(([name]) => name).join(", ")}\n\n${formatTable(["STAGE", "WHAT HAPPENS", "STATE"], rows)}`;
}

function chooseAuthorities(names: readonly string[]): RotatedAuthority[] {
  const wanted = names.length === 0 ? Object.keys(authorities) : names;
  return wanted.map((name) => {
    if (Object.hasOwn(authorities, name)) return authorities[name]!;
    throw new UserError(`Cannot rotate ${name}: there is no such authority`, {
      hints: [`There are: ${Object.keys(authorities).join(", ")}.`],
      exitCode: exitCodes.notFound,
    });
  });
}
