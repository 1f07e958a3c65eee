// The plan, the engine that runs it, the journal, the event stream.

export {
  type ClusterPaths,
  clusterPaths,
  listClusters,
  prepareHome,
  readClusterConfig,
  readLeaving,
  readSimulatedNodes,
  removeEmptyHome,
  slipwayHome,
  writeClusterConfig,
  writeLeaving,
} from "./cluster-folder.ts";
export { type AddonImagesOptions, type ClusterNeeds, findAddonImages, findClusterNeeds } from "./cluster-needs.ts";
export {
  describePlan,
  lostMachines,
  type PlanDescription,
  type PlannedAction,
  type PlannedSubject,
} from "./describe-plan.ts";
export { applyPlan, checkPlan, type RunOptions, StepFailedError, undoPlan } from "./engine.ts";
export type { EventListener, RunKind, StepOutline, TurnupEvent } from "./events.ts";
export {
  type Journal,
  type JournalEntry,
  type JournalEvent,
  openJournal,
  readJournal,
  type StepProgress,
} from "./journal.ts";
export { createPlan, type Plan, withoutOutsideNeeds } from "./plan.ts";
export { type PlanAddonsOptions, planAddons } from "./plan-addons.ts";
export { planCluster } from "./plan-cluster.ts";
export {
  machineSpecs,
  nodeNames,
  type PlanInput,
  type Programs,
  providerContext,
  type RemoteMeans,
  wantedMachines,
  wantedNodes,
} from "./plan-input.ts";
export { type DescribedMachine, type DescribedMachines, describeMachines } from "./remote/describe-machines.ts";
export { checkUserData, listMachineNeeds } from "./remote/imagined-machine.ts";
export { certificatesOf, machinesInCluster, renewCertificatesOf } from "./remote/machine-care.ts";
export {
  machinesFile,
  parseMachines,
  type RecordedMachine,
  readMachines,
  writeMachines,
} from "./remote/machines-file.ts";
export { reportFile } from "./remote/remote-machine-steps.ts";
export { restoreData } from "./remote/restore-data.ts";
export { formatDuration } from "./render/format-duration.ts";
export { renderJson } from "./render/json.ts";
export { renderPlain } from "./render/plain.ts";
export { renderTerminal, type TerminalOptions } from "./render/terminal.ts";
export type * from "./step.ts";
export { type AddonTarget, addonStep, addonTarget, diffChosen } from "./steps/addon-steps.ts";
export { runtimeTraces } from "./steps/node-steps.ts";
export { fetchPrograms } from "./upgrade/fetch-programs.ts";
export {
  compareVersions,
  planUpgrade,
  type Replacement,
  type UpgradeHop,
  type UpgradeNode,
} from "./upgrade/plan-upgrade.ts";
export { addMachines, removeMachines } from "./upgrade/replace-machines.ts";
export { saveMachineData } from "./upgrade/save-machine-data.ts";
export { upgradeMachine } from "./upgrade/upgrade-machine.ts";
