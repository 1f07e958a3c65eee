// Runs in a network namespace and does there what its parent asks for: listens, connects, sends. Started by peer.ts.

import { createSocket, type Socket } from "node:dgram";
import { connect, createServer } from "node:net";

interface Request {
  readonly id: number;
  readonly method: "listen" | "connect" | "send";
  readonly options: Options;
}

interface Options {
  readonly protocol?: "tcp" | "udp";
  readonly address?: string;
  readonly port: number;
  readonly name?: string;
  /** The port to send from, so that several sends belong to one flow. */
  readonly from?: number;
  readonly timeoutMs?: number;
}

const sockets = new Map<number, Socket>();

const methods = {
  /** Answers everybody with the name and with whom it was asked by. */
  listen({ protocol = "tcp", address, port, name = "" }: Options): Promise<string> {
    return new Promise((resolve, reject) => {
      if (protocol === "tcp") {
        const server = createServer((socket) => {
          socket.on("error", () => {});
          socket.end(`${name} ${socket.remoteAddress?.replace("::ffff:", "")}`);
        });
        server.on("error", reject).listen(port, address ?? "0.0.0.0", () => resolve("listening"));
        return;
      }
      const socket = createSocket("udp4");
      socket.on("message", (_message, from) => socket.send(`${name} ${from.address}`, from.port, from.address));
      socket.on("error", reject).bind(port, address, () => resolve("listening"));
    });
  },
  /** What the other side says; "refused", "timeout" or another error's code where it says nothing. */
  connect({ address = "", port, timeoutMs = 1000 }: Options): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect({ host: address, port });
      let said = "";
      const end = (result: string) => {
        socket.destroy();
        resolve(result);
      };
      socket.setTimeout(timeoutMs, () => end("timeout"));
      socket.on("data", (data) => (said += String(data)));
      socket.on("end", () => end(said));
      socket.on("error", (error: NodeJS.ErrnoException) => {
        end(error.code === "ECONNREFUSED" ? "refused" : (error.code ?? "error"));
      });
    });
  },
  /** Sends one datagram; what comes back. */
  send({ address = "", port, from = 0, timeoutMs = 1000 }: Options): Promise<string> {
    const socket = sockets.get(from) ?? createSocket("udp4");
    return new Promise((resolve) => {
      const end = (result: string) => {
        clearTimeout(timer);
        socket.removeAllListeners();
        if (from === 0) socket.close();
        resolve(result);
      };
      const timer = setTimeout(() => end("timeout"), timeoutMs);
      socket.once("message", (message) => end(String(message)));
      socket.once("error", (error: NodeJS.ErrnoException) => end(error.code ?? "error"));
      const send = () => socket.send("ping", port, address);
      if (from === 0 || sockets.has(from)) return send();
      sockets.set(from, socket);
      socket.bind(from, send);
    });
  },
};

process.on("message", async ({ id, method, options }: Request) => {
  try {
    process.send?.({ id, result: await methods[method](options) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
