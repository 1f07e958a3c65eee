// Brings an archive of images onto a machine that is elsewhere, over its connection.

import type { MachineSpec } from "#provision";
import { CommandFailedError, exitCodes, UserError } from "#shared";
import { machinesFile, type PlanInput, type RemoteMeans, readMachines } from "#turnup";

const arrivalPath = "/var/lib/slipway/images.tar";

/** The names of the images. */
export async function loadImagesRemotely(
  { paths, config }: PlanInput,
  { connect, distribution }: RemoteMeans,
  { spec, archive, signal }: { readonly spec: MachineSpec; readonly archive: string; readonly signal: AbortSignal },
): Promise<string[]> {
  const machine = (await readMachines(machinesFile(paths.folder))).find(({ name }) => name === spec.name);
  const command = distribution.importImages?.(arrivalPath);
  if (!machine || !command) {
    const why = machine ? `distribution ${distribution.name} cannot take any` : "it is not there";
    throw new UserError(`Cannot load images onto ${spec.name}: ${why}`, {
      hints: machine ? [] : [`Make it with \`slipway up --name ${config.name}\`.`],
      exitCode: exitCodes.failed,
    });
  }
  const connection = await connect(machine, signal);
  try {
    await connection.uploadFile(archive, arrivalPath, 0o600);
    const { stdout } = await connection.exec(command, { signal });
    return [...stdout.matchAll(/^unpacking (\S+) \(/gm)].map(([, name]) => name!);
  } catch (cause) {
    if (!(cause instanceof CommandFailedError)) throw cause;
    const reason = cause.stderr.trim().split("\n").at(-1) || cause.message;
    throw new UserError(`Cannot load ${archive} onto ${spec.name}: ${reason.replace(/^ctr: /, "")}`, {
      hints: ["It must be an OCI layout in a tar archive, or what docker save writes."],
      cause,
    });
  } finally {
    await connection.exec(["rm", "-f", arrivalPath]).catch(() => {});
    await connection.close();
  }
}
