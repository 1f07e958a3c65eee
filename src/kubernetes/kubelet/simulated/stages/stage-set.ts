// The stages in force, by the kind they speak of.

import type { KubeObject } from "#kubernetes/api";
import { describeError, type Logger } from "#shared";
import { compileStage, type Stage } from "./compile-stage.ts";
import type { StageObject } from "./stage.ts";
import type { TemplateFunctions } from "./template/scope.ts";

export class StageSet {
  readonly #functions: TemplateFunctions;
  readonly #logger: Logger;
  readonly #byName = new Map<string, Stage>();

  constructor(functions: TemplateFunctions, logger: Logger) {
    this.#functions = functions;
    this.#logger = logger;
  }

  /** One that can't be understood is left out, and said so. */
  put(object: StageObject): void {
    const { name = "" } = object.metadata;
    this.#byName.delete(name);
    try {
      const stage = compileStage(object, this.#functions);
      if (stage) this.#byName.set(name, stage);
    } catch (error) {
      this.#logger.warn({ stage: name, error: describeError(error) }, "stage can't be used");
    }
  }

  remove({ metadata: { name = "" } }: KubeObject): void {
    this.#byName.delete(name);
  }

  /** Of one kind, such as "Pod". */
  of(kind: string): readonly Stage[] {
    return [...this.#byName.values()].filter((stage) => stage.kind === kind);
  }
}
