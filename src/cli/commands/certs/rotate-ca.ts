// slipway certs rotate-ca

import { type Command, Option } from "commander";
import {
  advanceRotation,
  beginRotation,
  endRotation,
  isSignedByOld,
  type RotatedAuthority,
  type Rotation,
  type RotationStage,
  readRotation,
  rotationStages,
  usesOwnEtcd,
} from "#bootstrap";
import { exitCodes, UserError } from "#shared";
import { certificatesOf, machinesInCluster, type PlanInput, type RecordedMachine, renewCertificatesOf } from "#turnup";
import { findCertificates } from "../../certs/find-certificates.ts";
import { refuseCertificates } from "../../certs/refuse-certificates.ts";
import { addNameOption, type ExistingCluster, findCluster, planInput, withClusterLock } from "../../cluster.ts";
import type { CliContext } from "../../context.ts";
import { addProgressOptions, createRenderer, type ProgressOptions, sayer } from "../../progress.ts";
import { formatTable } from "../../text/table.ts";
import { turnUp } from "../../turn-up.ts";
import { refuseWhileUpgrading } from "../../upgrade/upgrade-state.ts";

interface RotateOptions extends ProgressOptions {
  readonly name?: string;
  readonly plan?: boolean;
  readonly until?: RotationStage;
  readonly now?: boolean;
}

/** As people name them. */
const authorities = {
  kubernetes: "ca",
  "front-proxy": "front-proxy-ca",
  "service-accounts": "sa",
  etcd: "etcd/ca",
} as const satisfies Record<string, RotatedAuthority>;

/** etcd's only where it runs on the control planes. */
function authoritiesOf({ config, remote }: PlanInput): Readonly<Record<string, RotatedAuthority>> {
  const { etcd, ...others } = authorities;
  return remote && usesOwnEtcd(config) ? { ...others, etcd } : others;
}

/** How long tokens of pods may live that were signed by the old key: kubelets ask for an hour, and for new ones earlier. */
const tokenLifeMs = 60 * 60 * 1000;

export function define(command: Command, context: CliContext): void {
  addProgressOptions(addNameOption(command))
    .argument("[authority...]", `${Object.keys(authorities).join(", ")} (default: all there are)`)
    .option("--plan", "show the stages, and do nothing")
    .addOption(new Option("--until <stage>", "stop after this stage; the next call goes on").choices(rotationStages))
    .option("--now", "drop the service accounts' old key though tokens signed by it may still be in use")
    .action((names: string[], options: RotateOptions) => rotate(context, names, options));
}

async function rotate(context: CliContext, names: readonly string[], options: RotateOptions): Promise<void> {
  const cluster = findCluster(context, options.name);
  const input = planInput(cluster, cluster.config, context);
  refuseCertificates(input, "rotate");
  const chosen = chooseAuthorities(names, authoritiesOf(input));
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
    if (!found && input.remote) await requireReachable(cluster, context);
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
    if (stage === "sign") await renewStragglers(cluster, rotation, { context, say });
    if (stage === options.until) return say(`Stopped after stage "${stage}". The same command goes on from here.\n`);
    const wait = mustWait(rotation, options);
    if (wait !== undefined) return say(`${wait}\n`);
    rotation = await advanceRotation(pki, rotation);
  }
  await endRotation(pki);
  say("The old authorities are trusted no more. Whoever had a copy of the kubeconfig needs the new one.\n");
  say("Pods that read an authority only when they start need to be started anew: kubectl rollout restart.\n");
}

/**
 * Certificates on machines elsewhere that the old authorities have signed are issued anew: a control plane whose turn had not come may
 * have signed a node's request. Throws a UserError where a machine cannot be looked at, or some are left: dropping the old ones would
 * lock it out.
 */
async function renewStragglers(
  cluster: ExistingCluster,
  rotation: Rotation,
  { context, say }: { readonly context: CliContext; readonly say: (text: string) => void },
): Promise<void> {
  const input = planInput(cluster, cluster.config, context);
  if (!input.remote) return;
  for (const machine of await machinesInCluster(input)) {
    const find = () => signedByOld(input, rotation, { machine, signal: context.signal });
    const names = await find();
    if (names.length === 0) continue;
    const report = (detail: string) => say(`${machine.name}: ${detail}\n`);
    await renewCertificatesOf(input, machine, names, { signal: context.signal, report });
    const left = await find();
    if (left.length === 0) continue;
    throw new UserError(
      `Cannot drop the old authorities: ${left.join(", ")} of ${machine.name} is still signed by one`,
      {
        hints: [
          `See why: slipway logs --machine ${machine.name} --name ${cluster.name}. Then run the same command again.`,
        ],
        exitCode: exitCodes.conflict,
      },
    );
  }
}

/** A machine that is away keeps a rotation from its end: better not to begin one. */
async function requireReachable(cluster: ExistingCluster, context: CliContext): Promise<void> {
  const [first] = (await findCertificates(cluster, context)).unreachable;
  if (!first) return;
  throw new UserError(`Cannot rotate authorities: ${first.machine} cannot be asked: ${first.error.message}`, {
    hints: [`A machine that is lost: slipway node replace ${first.machine} --force, or slipway node remove.`],
    exitCode: exitCodes.failed,
    cause: first.error,
  });
}

async function signedByOld(
  input: PlanInput,
  rotation: Rotation,
  { machine, signal }: { readonly machine: RecordedMachine; readonly signal: AbortSignal },
): Promise<string[]> {
  const names: string[] = [];
  for (const { name, pem } of await certificatesOf(input, machine, signal)) {
    if (await isSignedByOld(input.paths.pki, rotation, pem)) names.push(name);
  }
  return names;
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

function chooseAuthorities(
  names: readonly string[],
  known: Readonly<Record<string, RotatedAuthority>>,
): RotatedAuthority[] {
  const wanted = names.length === 0 ? Object.keys(known) : names;
  return wanted.map((name) => {
    if (Object.hasOwn(known, name)) return known[name]!;
    throw new UserError(`Cannot rotate ${name}: there is no such authority`, {
      hints: [`There are: ${Object.keys(known).join(", ")}.`],
      exitCode: exitCodes.notFound,
    });
  });
}
