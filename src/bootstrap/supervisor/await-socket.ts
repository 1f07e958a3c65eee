// Waits until a unix socket takes connections, woken by the folder it appears in.

import { mkdirSync, watch } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { abortable } from "#shared";

/** Between a socket's file appearing and its first connection lies the program's call of listen(): retry shortly after. */
const retryMs = [1, 2, 5, 10, 20, 50, 100];

/** Resolves when a connection succeeds; rejects with the signal's reason. Makes the socket's folder where it is missing. */
export async function awaitSocket(path: string, signal: AbortSignal): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let attempt = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    clearTimeout(timer);
    tryConnect(path).then((result) => {
      if (result === "connected") resolve();
      // Without a file there is nothing to retry: the watcher tells when it comes.
      if (result === "refused") timer = setTimeout(look, retryMs[Math.min(attempt++, retryMs.length - 1)]);
    }, reject);
  };
  const watcher = watch(dirname(path), { persistent: false }, look).on("error", reject);
  look();
  try {
    await abortable(promise, signal);
  } finally {
    watcher.close();
    clearTimeout(timer);
  }
}

function tryConnect(path: string): Promise<"connected" | "refused" | "missing"> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("connected");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ENOENT" ? "missing" : "refused"));
  });
}
