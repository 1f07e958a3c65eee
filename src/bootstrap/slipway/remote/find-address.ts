// The address of a machine that was told none: nobody knew it before the machine was there.

import { createSocket } from "node:dgram";
import { describeError, UserError } from "#shared";
import type { OwnAddress } from "./machine-settings.ts";

/** The address as it was told, or the one from which the kernel would send to the API. Sends nothing. Throws a UserError without a route. */
export async function findAddress(address: string | OwnAddress): Promise<string> {
  if (typeof address === "string") return address;
  const { host, port } = address.reaching;
  const socket = createSocket("udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      // Its types say that it gets nothing; a name that is not found comes here.
      socket.connect(port, host, (error?: Error) => (error ? reject(error) : resolve()));
    });
    return socket.address().address;
  } catch (cause) {
    throw new UserError(
      `Cannot tell this machine's address: it has no way to the API at ${host}: ${describeError(cause)}`,
      {
        cause,
      },
    );
  } finally {
    socket.close();
  }
}
