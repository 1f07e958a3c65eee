// The paths of the kubelet's server.

export type Route =
  | { readonly kind: "page"; readonly path: string }
  | { readonly kind: "pods" }
  | { readonly kind: "healthz" }
  | { readonly kind: "logs"; readonly namespace: string; readonly pod: string; readonly container: string }
  | {
      readonly kind: "run" | "exec" | "attach";
      readonly namespace: string;
      readonly pod: string;
      readonly uid?: string;
      readonly container: string;
    }
  | { readonly kind: "portForward"; readonly namespace: string; readonly pod: string; readonly uid?: string }
  | { readonly kind: "systemLogs"; readonly path: string };

/** What a path asks for; undefined: nothing there is. */
export function findRoute(path: string): Route | undefined {
  const [root = "", ...rest] = path.split("/").slice(1).map(decode);
  if (root === "pods" && rest.join("") === "") return { kind: "pods" };
  if (root === "healthz") return { kind: "healthz" };
  if (["metrics", "stats", "configz", "runningpods"].includes(root)) return { kind: "page", path };
  if (root === "logs") return { kind: "systemLogs", path: rest.join("/") };
  const [namespace, pod, third, fourth] = rest;
  if (namespace === undefined || pod === undefined) return undefined;
  if (root === "containerLogs" && third !== undefined) return { kind: "logs", namespace, pod, container: third };
  if (root === "portForward") return { kind: "portForward", namespace, pod, ...(third && { uid: third }) };
  if (root !== "run" && root !== "exec" && root !== "attach") return undefined;
  if (third === undefined) return undefined;
  if (fourth === undefined) return { kind: root, namespace, pod, container: third };
  return { kind: root, namespace, pod, uid: third, container: fourth };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
