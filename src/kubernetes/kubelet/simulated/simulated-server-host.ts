// What a simulated node's server answers: pods and health as any; for logs and commands, that there is nothing to see or run.

import type { Pod } from "#kubernetes/api";
import { ServerError, type ServerHost } from "../server/host.ts";

export interface SimulatedServerHostOptions {
  pods(): readonly Pod[];
  findPod(namespace: string, name: string): Pod | undefined;
}

export function createSimulatedServerHost({ pods, findPod }: SimulatedServerHostOptions): ServerHost {
  const refuse = async (pod: Pod): Promise<never> => {
    const { namespace, name } = pod.metadata;
    throw new ServerError(400, `pod ${namespace}/${name} is simulated: nothing runs in it that could be reached`);
  };
  return {
    pods,
    findPod,
    async logs(pod, { container }) {
      const { namespace, name } = pod.metadata;
      const line = `pod ${namespace}/${name} is simulated: nothing runs in container ${container} that could log\n`;
      return (async function* () {
        yield Buffer.from(line);
      })();
    },
    run: refuse,
    exec: refuse,
    attach: refuse,
    portForward: refuse,
    problem: () => undefined,
    async page(path) {
      if (path === "/metrics") return { contentType: "text/plain; version=0.0.4; charset=utf-8", body: "" };
      if (path === "/configz") return { contentType: "application/json", body: '{"kubeletconfig":{}}' };
      return undefined;
    },
  };
}
