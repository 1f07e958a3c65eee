// Simulated nodes: any number in one process, whose pods only pretend to run. A door of its own, so that who wants only these loads
// nothing of what real nodes need.

export { isSimulated, type SimulatedNode, type SimulatedNodesOptions, simulatedNodeAnnotation } from "./options.ts";
export { createSimulatedNodes, explainSimulated, type SimulatedNodes } from "./simulated-nodes.ts";
export type * from "./stages/stage.ts";
