// PriorityLevelConfiguration: how many requests of a level run at once, and what becomes of the others.

import { child, type FieldError, forbiddenField, invalid, notSupported, required } from "../../field-error.ts";
import type {
  ExemptPriorityLevelConfiguration,
  LimitedPriorityLevelConfiguration,
  LimitResponse,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
} from "../../generated/types.ts";
import { schemaOf } from "../../types-table.ts";
import { type Decoded, defineKind } from "../define-kind.ts";
import { noneCell } from "../table/cells.ts";
import { formatAge } from "../table/human-duration.ts";
import { internalForm } from "../values/internal-form.ts";
import { semanticEqual } from "../values/semantic-equal.ts";
import { validateFlowConditions } from "./flow-conditions.ts";
import { mandatoryPriorityLevel } from "./mandatory.ts";

type DecodedLevel = Decoded<PriorityLevelConfiguration, "spec" | "status">;

const roundTripAnnotation = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares";
const mostQueues = 10_000_000;
const mostHashBits = 60;
const shareError = "must be a non-negative integer";

export const priorityLevelConfiguration = defineKind<DecodedLevel>({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  metadataChecks: ["object"],
  statusMetadataChecks: [],
  setDefaults: ({ spec }) => setDefaults(spec),
  prepareForCreate: (object) => {
    object.status = {};
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
  },
  validate,
  validateUpdate: validate,
  validateStatusUpdate: ({ status }) => validateFlowConditions(status.conditions, "status.conditions"),
  tableCells: ({ metadata, spec }, now) => ({
    cells: [metadata.name, spec.type, ...limitCells(spec), formatAge(metadata.creationTimestamp, now)],
  }),
});

function setDefaults({ exempt, limited }: PriorityLevelConfigurationSpec): void {
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  }
  if (!limited) return;
  limited.nominalConcurrencyShares ??= 30;
  limited.lendablePercent ??= 0;
  const { queuing } = limited.limitResponse ?? {};
  if (!queuing) return;
  queuing.handSize ||= 8;
  queuing.queues ||= 64;
  queuing.queueLengthLimit ||= 50;
}

function validate({ metadata, spec, status }: DecodedLevel): FieldError[] {
  const errors: FieldError[] = [];
  const { name = "", annotations } = metadata;
  if (annotations && roundTripAnnotation in annotations) {
    errors.push(forbiddenField("metadata.annotations", `annotation '${roundTripAnnotation}' is forbidden`));
  }
  validateSpec(name, spec, "spec", errors);
  validateMandatory(name, spec, "spec", errors);
  return [...errors, ...validateFlowConditions(status.conditions, "status.conditions")];
}

/** How the exempt level counts against the others may be changed; nothing else of the mandatory ones. */
function validateMandatory(
  name: string,
  spec: PriorityLevelConfigurationSpec,
  path: string,
  errors: FieldError[],
): void {
  const mandatory = mandatoryPriorityLevel(name);
  if (!mandatory) return;
  const isExempt = name === "exempt";
  const compared = isExempt ? { ...spec, exempt: mandatory.exempt } : spec;
  const schema = schemaOf("io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec");
  if (semanticEqual(schema, compared, mandatory)) return;
  const but = isExempt ? " except the 'spec.exempt' field" : "";
  const shown = internalForm("PriorityLevelConfigurationSpec", spec);
  errors.push(invalid(path, shown, `spec of '${name}'${but} must equal the fixed value`));
}

function validateSpec(name: string, spec: PriorityLevelConfigurationSpec, path: string, errors: FieldError[]): void {
  const { type, limited, exempt } = spec;
  if ((name === "exempt") !== (type === "Exempt")) {
    errors.push(invalid(child(path, "type"), type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  }
  if (type === "Exempt") {
    if (limited) errors.push(forbiddenField(child(path, "limited"), "must be nil if the type is not Limited"));
    if (exempt) validateExempt(exempt, child(path, "exempt"), errors);
  } else if (type === "Limited") {
    if (exempt) errors.push(forbiddenField(child(path, "exempt"), "must be nil if the type is Limited"));
    if (limited) validateLimited(limited, child(path, "limited"), errors);
    else errors.push(required(child(path, "limited"), "must not be empty when type is Limited"));
  } else errors.push(notSupported(child(path, "type"), type, ["Exempt", "Limited"]));
}

function validateExempt(exempt: ExemptPriorityLevelConfiguration, path: string, errors: FieldError[]): void {
  const { nominalConcurrencyShares: shares = 0, lendablePercent } = exempt;
  if (shares < 0) errors.push(invalid(child(path, "nominalConcurrencyShares"), shares, shareError));
  validatePercent(lendablePercent, child(path, "lendablePercent"), errors);
}

function validateLimited(limited: LimitedPriorityLevelConfiguration, path: string, errors: FieldError[]): void {
  const { nominalConcurrencyShares: shares = 0, limitResponse, lendablePercent, borrowingLimitPercent = 0 } = limited;
  if (shares < 0) errors.push(invalid(child(path, "nominalConcurrencyShares"), shares, shareError));
  validateResponse(limitResponse ?? { type: "" }, child(path, "limitResponse"), errors);
  validatePercent(lendablePercent, child(path, "lendablePercent"), errors);
  if (borrowingLimitPercent < 0) {
    const why = "if specified, must be a non-negative integer";
    errors.push(invalid(child(path, "borrowingLimitPercent"), borrowingLimitPercent, why));
  }
}

function validatePercent(percent: number | undefined, path: string, errors: FieldError[]): void {
  if (percent === undefined || (percent >= 0 && percent <= 100)) return;
  errors.push(invalid(path, percent, "must be between 0 and 100, inclusive"));
}

function validateResponse({ type, queuing }: LimitResponse, path: string, errors: FieldError[]): void {
  const queuingPath = child(path, "queuing");
  if (type === "Reject") {
    const why = "must be nil if limited.limitResponse.type is not Limited";
    if (queuing) errors.push(forbiddenField(queuingPath, why));
  } else if (type === "Queue") {
    if (queuing) validateQueuing(queuing, queuingPath, errors);
    else errors.push(required(queuingPath, "must not be empty if limited.limitResponse.type is Limited"));
  } else errors.push(notSupported(child(path, "type"), type, ["Queue", "Reject"]));
}

function validateQueuing(queuing: QueuingConfiguration, path: string, errors: FieldError[]): void {
  const { queues = 0, handSize = 0, queueLengthLimit = 0 } = queuing;
  if (queueLengthLimit <= 0)
    errors.push(invalid(child(path, "queueLengthLimit"), queueLengthLimit, "must be positive"));
  const queuesProblem =
    queues <= 0 ? "must be positive" : queues > mostQueues ? `must not be greater than ${mostQueues}` : undefined;
  if (queuesProblem) errors.push(invalid(child(path, "queues"), queues, queuesProblem));
  const handProblem = describeHandProblem(queues, handSize);
  if (handProblem) errors.push(invalid(child(path, "handSize"), handSize, handProblem));
}

function describeHandProblem(queues: number, handSize: number): string | undefined {
  if (handSize <= 0) return "must be positive";
  if (handSize > queues) return `should not be greater than queues (${queues})`;
  if (Math.ceil(Math.log2(queues) * handSize) <= mostHashBits) return undefined;
  return `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostHashBits}`;
}

function limitCells({ limited }: PriorityLevelConfigurationSpec): unknown[] {
  const { queuing } = limited?.limitResponse ?? {};
  const counts = [queuing?.queues, queuing?.handSize, queuing?.queueLengthLimit];
  return [limited?.nominalConcurrencyShares, ...counts].map((count) => count ?? noneCell);
}
