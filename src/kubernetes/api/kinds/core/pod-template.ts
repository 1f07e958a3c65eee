// PodTemplate: the description of pods, kept for later use.

import type { FieldError } from "../../field-error.ts";
import type { PodTemplate } from "../../generated/types.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { containerCells, formatLabels } from "../table/cells.ts";
import { setPodTemplateDefaults } from "./pod-spec/default-pod-spec.ts";
import { dropDisabledTemplateFields } from "./pod-spec/drop-disabled-fields.ts";
import { podTemplateOptions } from "./pod-spec/pod-options.ts";
import { validatePodTemplate } from "./pod-spec/validate-pod-spec.ts";
import { warnOfPodTemplate } from "./pod-spec/warnings/warn-of-pod.ts";

type DecodedPodTemplate = Decoded<PodTemplate, "template">;

export const podTemplate = defineKind<DecodedPodTemplate>({
  group: "",
  version: "v1",
  kind: "PodTemplate",
  hasGeneration: true,
  setDefaults: ({ template }) => setPodTemplateDefaults(template),
  prepareForCreate: ({ template }) => dropDisabledTemplateFields(template, undefined),
  prepareForUpdate: ({ template }, old) => dropDisabledTemplateFields(template, old.template),
  validate: (object) => validate(object, undefined),
  validateUpdate: validate,
  warnings: ({ metadata, template }, old) =>
    old && metadata.generation === old.metadata.generation ? [] : warnOfPodTemplate(template, "template"),
  tableCells: ({ metadata, template }) => ({
    cells: [metadata.name, ...containerCells(template.spec?.containers), formatLabels(template.metadata?.labels)],
  }),
});

function validate({ template }: DecodedPodTemplate, old: DecodedPodTemplate | undefined): FieldError[] {
  const errors: FieldError[] = [];
  validatePodTemplate(template, "template", errors, podTemplateOptions(old?.template));
  return errors;
}
