// What every control loop is built on: the reconciler contract, its work queue and controller, leader election.

export {
  done,
  type Reconcile,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  TerminalError,
} from "./reconciler.ts";
