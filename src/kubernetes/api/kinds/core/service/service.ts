// Service: one name and address for a set of endpoints. Addresses and ports are allocated by the registry.

import { checkDNSLabelName } from "../../../names.ts";
import { defineKind } from "../../define-kind.ts";
import { formatLabels, noneCell } from "../../table/cells.ts";
import { formatAge } from "../../table/human-duration.ts";
import { setServiceDefaults } from "./default-service.ts";
import { dropTypeDependentFields, dropUnusedTrafficPolicy } from "./drop-dependent-fields.ts";
import { validateServiceStatusUpdate, warnOfServiceStatus } from "./load-balancer-status.ts";
import type { DecodedService } from "./service-traits.ts";
import { validateService, validateServiceUpdate } from "./validate-service.ts";
import { warnOfService } from "./warn-of-service.ts";

export const service = defineKind<DecodedService>({
  group: "",
  version: "v1",
  kind: "Service",
  hasGeneration: false,
  allowCreateOnUpdate: true,
  setDefaults: setServiceDefaults,
  prepareForCreate: (object) => {
    object.status = { loadBalancer: {} };
    dropUnusedTrafficPolicy(object);
  },
  prepareForUpdate: (object, old) => {
    object.status = old.status;
    dropTypeDependentFields(object, old);
    dropUnusedTrafficPolicy(object);
  },
  prepareForStatusUpdate: (object, old) => {
    object.spec = old.spec;
  },
  validateName: checkDNSLabelName,
  validate: (object) => validateService(object),
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatusUpdate,
  warnings: warnOfService,
  statusWarnings: warnOfServiceStatus,
  selectableFields: {
    "spec.clusterIP": ({ spec }) => spec.clusterIP ?? "",
    "spec.type": ({ spec }) => spec.type ?? "",
  },
  tableCells: ({ metadata, spec, status }, now) => ({
    cells: [
      metadata.name,
      spec.type ?? "",
      spec.clusterIPs?.[0] ?? noneCell,
      formatExternalIPs(spec, status),
      formatPorts(spec) || noneCell,
      formatAge(metadata.creationTimestamp, now),
      formatLabels(spec.selector),
    ],
  }),
});

function formatExternalIPs(spec: DecodedService["spec"], status: DecodedService["status"]): string {
  const { externalIPs = [] } = spec;
  switch (spec.type) {
    case "ClusterIP":
    case "NodePort":
      return externalIPs.join(",") || noneCell;
    case "LoadBalancer":
      return [...placesOf(status), ...externalIPs].join(",") || "<pending>";
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

function placesOf({ loadBalancer }: DecodedService["status"]): string[] {
  const places = (loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || "");
  return [...new Set(places)].filter((place) => place !== "").sort();
}

function formatPorts({ ports }: DecodedService["spec"]): string {
  return (ports ?? [])
    .map(({ port, nodePort, protocol }) => `${nodePort ? `${port}:${nodePort}` : port}/${protocol}`)
    .join(",");
}
