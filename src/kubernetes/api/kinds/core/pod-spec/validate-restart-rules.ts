// When a container is started again after it ended: its own policy, and rules by exit code before that.

import { child, type FieldError, item, notSupported, required, tooMany } from "../../../field-error.ts";
import type { Container, ContainerRestartRule } from "../../../generated/types.ts";

const policies = ["Always", "Never", "OnFailure"];
const actions = ["Restart", "RestartAllContainers"];
const operators = ["In", "NotIn"];
const mostRules = 20;
const mostExitCodes = 255;

type Restarted = Pick<Container, "restartPolicy" | "restartPolicyRules">;

export function validateRestartPolicy(container: Restarted, path: string, errors: FieldError[]): void {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  const field = child(path, "restartPolicy");
  if (restartPolicy === undefined) {
    if (rules.length === 0) return;
    errors.push(required(field, "must specify restartPolicy when restart rules are used"));
  } else if (!policies.includes(restartPolicy)) errors.push(notSupported(field, restartPolicy, policies));
  const rulesPath = child(path, "restartPolicyRules");
  if (rules.length > mostRules) errors.push(tooMany(rulesPath, rules.length, mostRules));
  for (const [index, rule] of rules.entries()) validateRule(rule, item(rulesPath, index), errors);
}

/** Rules of an init container without a policy are not looked at: the missing policy is reported. */
export function validateInitRestartPolicy(container: Restarted, path: string, errors: FieldError[]): void {
  if (container.restartPolicy !== undefined) validateRestartPolicy(container, path, errors);
  else if (container.restartPolicyRules?.length) {
    errors.push(required(child(path, "restartPolicy"), "must specify restartPolicy when restart rules are used"));
  }
}

function validateRule({ action, exitCodes }: ContainerRestartRule, path: string, errors: FieldError[]): void {
  if (!actions.includes(action ?? "")) errors.push(notSupported(child(path, "action"), action ?? "", actions));
  const field = child(path, "exitCodes");
  if (!exitCodes) {
    errors.push(required(field, "must be specified"));
    return;
  }
  const { operator = "", values = [] } = exitCodes;
  if (!operators.includes(operator)) errors.push(notSupported(child(field, "operator"), operator, operators));
  if (values.length > mostExitCodes) errors.push(tooMany(child(field, "values"), values.length, mostExitCodes));
}
