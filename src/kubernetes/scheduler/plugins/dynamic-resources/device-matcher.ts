// Whether a device is one a wish means: the selectors of its class and its own. Expressions are compiled once, and asked once of
// every device, whatever pods and nodes it is looked at for.

import type { Device, DeviceSelector } from "#kubernetes/api";
import { compileDeviceSelector, type DeviceSelectorProgram, matchesDevice } from "#kubernetes/cel";
import type { PoolDevice } from "./pools.ts";
import type { Wish } from "./wishes.ts";

const mostPrograms = 1000;

export class DeviceMatcher {
  readonly #programs = new Map<string, DeviceSelectorProgram>();
  readonly #answers = new WeakMap<Device, Map<string, boolean>>();

  /** Throws an Error where an expression gives no answer. */
  matches(wish: Wish, device: PoolDevice, claim: string): boolean {
    const { name = "" } = wish.deviceClass.metadata;
    return (
      this.#matchesAll(wish.deviceClass.spec.selectors ?? [], device, `class ${name}`) &&
      this.#matchesAll(wish.selectors, device, `claim ${claim}`)
    );
  }

  #matchesAll(selectors: readonly DeviceSelector[], device: PoolDevice, whose: string): boolean {
    return selectors.every(({ cel }, index) => {
      if (!cel) throw new Error(`${whose}: selector #${index}: CEL expression empty (unsupported selector type?)`);
      return this.#matchesOne(cel.expression, device, `${whose}: selector #${index}`);
    });
  }

  #matchesOne(expression: string, { device, slice }: PoolDevice, what: string): boolean {
    const answers = this.#answers.get(device) ?? new Map<string, boolean>();
    this.#answers.set(device, answers);
    const known = answers.get(expression);
    if (known !== undefined) return known;
    const compiled = this.#compile(expression);
    if ("problem" in compiled) throw new Error(`${what}: CEL compile error: ${compiled.problem}`);
    try {
      const answer = matchesDevice(compiled.program, slice.spec.driver, device);
      answers.set(expression, answer);
      return answer;
    } catch (error) {
      throw new Error(`${what}: CEL runtime error: ${(error as Error).message}`, { cause: error });
    }
  }

  #compile(expression: string): DeviceSelectorProgram {
    const known = this.#programs.get(expression);
    if (known) return known;
    if (this.#programs.size >= mostPrograms) this.#programs.clear();
    const compiled = compileDeviceSelector(expression);
    this.#programs.set(expression, compiled);
    return compiled;
  }
}
