// Every controller there is, under the names kube-controller-manager gives them.

import { createBootstrapSigner } from "./bootstrap-signer/reconcile.ts";
import { createCsrApprovingController } from "./certificatesigningrequest-approving/reconcile.ts";
import { createCsrCleanerController } from "./certificatesigningrequest-cleaner/reconcile.ts";
import { createCsrSigningController } from "./certificatesigningrequest-signing/reconcile.ts";
import { createClusterRoleAggregationController } from "./clusterrole-aggregation/reconcile.ts";
import type { ControllerContext, ControllerDefinition, ControllerProcess } from "./controller-definition.ts";
import { combineProcesses } from "./controller-definition.ts";
import { createCronJobController } from "./cronjob/reconcile.ts";
import { createDaemonSetController } from "./daemonset/reconcile.ts";
import { createDeploymentController } from "./deployment/reconcile.ts";
import { createDeviceTaintEvictionController } from "./device-taint-eviction/reconcile.ts";
import { createDisruptionController } from "./disruption/reconcile.ts";
import { createEndpointsController } from "./endpoints/reconcile.ts";
import { createEndpointSliceController } from "./endpointslice/reconcile.ts";
import { createEndpointSliceMirroringController } from "./endpointslicemirroring/reconcile.ts";
import { createEphemeralVolumeController } from "./ephemeral-volume/reconcile.ts";
import { createGarbageCollector } from "./garbage-collector/reconcile.ts";
import { createHorizontalPodAutoscaler } from "./horizontal-pod-autoscaler/reconcile.ts";
import { createOrphanPodController } from "./job/orphan-pods.ts";
import { createJobController } from "./job/reconcile.ts";
import { createLegacyTokenCleaner } from "./legacy-serviceaccount-token-cleaner/reconcile.ts";
import { createNamespaceController } from "./namespace/reconcile.ts";
import { createNodeIpamController } from "./node-ipam/reconcile.ts";
import { createNodeLifecycleController } from "./node-lifecycle/reconcile.ts";
import { createAttachDetachController } from "./persistentvolume-attach-detach/reconcile.ts";
import { createPersistentVolumeBinder } from "./persistentvolume-binder/reconcile.ts";
import { createPersistentVolumeExpander } from "./persistentvolume-expander/reconcile.ts";
import { createPersistentVolumeProtection } from "./persistentvolume-protection/reconcile.ts";
import { createPersistentVolumeClaimProtection } from "./persistentvolumeclaim-protection/reconcile.ts";
import { createPodGarbageCollector } from "./pod-garbage-collector/reconcile.ts";
import { createReplicaSetController } from "./replicaset/reconcile.ts";
import { createReplicationControllerController } from "./replicationcontroller/reconcile.ts";
import { createResourceClaimController } from "./resourceclaim/reconcile.ts";
import { createResourceQuotaController } from "./resourcequota/reconcile.ts";
import { createRootCaCertificatePublisher } from "./root-ca-certificate-publisher/reconcile.ts";
import { createServiceCidrController } from "./service-cidr/reconcile.ts";
import { createServiceAccountController } from "./serviceaccount/reconcile.ts";
import { createServiceAccountTokenController } from "./serviceaccount-token/reconcile.ts";
import { createStatefulSetController } from "./statefulset/reconcile.ts";
import { createTaintEvictionController } from "./taint-eviction/reconcile.ts";
import { createTokenCleaner } from "./token-cleaner/reconcile.ts";
import { createTtlController } from "./ttl/reconcile.ts";
import { createTtlAfterFinishedController } from "./ttl-after-finished/reconcile.ts";
import { createValidatingAdmissionPolicyStatusController } from "./validatingadmissionpolicy-status/reconcile.ts";
import { createVolumeAttributesClassProtection } from "./volumeattributesclass-protection/reconcile.ts";

type Create = (context: ControllerContext) => ControllerProcess | undefined;

function define(
  name: string,
  account: string | undefined,
  create: Create,
  ...aliases: readonly string[]
): ControllerDefinition {
  return { name, account, aliases, create };
}

const offByDefault: typeof define = (...parts) => ({ ...define(...parts), isOffByDefault: true });

const createJobControllers: Create = (context) =>
  combineProcesses(createJobController(context), createOrphanPodController(context));

export const controllers: readonly ControllerDefinition[] = [
  define("namespace-controller", "namespace-controller", createNamespaceController, "namespace"),
  define("garbage-collector-controller", "generic-garbage-collector", createGarbageCollector, "garbagecollector"),
  define("serviceaccount-controller", "service-account-controller", createServiceAccountController, "serviceaccount"),
  define(
    "root-ca-certificate-publisher-controller",
    "root-ca-cert-publisher",
    createRootCaCertificatePublisher,
    "root-ca-cert-publisher",
  ),
  define("replicaset-controller", "replicaset-controller", createReplicaSetController, "replicaset"),
  define("deployment-controller", "deployment-controller", createDeploymentController, "deployment"),
  define("daemonset-controller", "daemon-set-controller", createDaemonSetController, "daemonset"),
  define("statefulset-controller", "statefulset-controller", createStatefulSetController, "statefulset"),
  define("job-controller", "job-controller", createJobControllers, "job"),
  define("cronjob-controller", "cronjob-controller", createCronJobController, "cronjob"),
  define(
    "ttl-after-finished-controller",
    "ttl-after-finished-controller",
    createTtlAfterFinishedController,
    "ttl-after-finished",
  ),
  define("endpoints-controller", "endpoint-controller", createEndpointsController, "endpoint"),
  define("endpointslice-controller", "endpointslice-controller", createEndpointSliceController, "endpointslice"),
  define(
    "endpointslice-mirroring-controller",
    "endpointslicemirroring-controller",
    createEndpointSliceMirroringController,
    "endpointslicemirroring",
  ),
  define("node-lifecycle-controller", "node-controller", createNodeLifecycleController, "nodelifecycle"),
  define("taint-eviction-controller", "node-controller", createTaintEvictionController),
  define("device-taint-eviction-controller", "device-taint-eviction-controller", createDeviceTaintEvictionController),
  define("node-ipam-controller", "node-controller", createNodeIpamController, "nodeipam"),
  define(
    "replicationcontroller-controller",
    "replication-controller",
    createReplicationControllerController,
    "replicationcontroller",
  ),
  define("resourcequota-controller", "resourcequota-controller", createResourceQuotaController, "resourcequota"),
  define(
    "horizontal-pod-autoscaler-controller",
    "horizontal-pod-autoscaler",
    createHorizontalPodAutoscaler,
    "horizontalpodautoscaling",
  ),
  define(
    "resourceclaim-controller",
    "resource-claim-controller",
    createResourceClaimController,
    "resource-claim-controller",
  ),
  define("ttl-controller", "ttl-controller", createTtlController, "ttl"),
  define("service-cidr-controller", "service-cidrs-controller", createServiceCidrController),
  define(
    "validatingadmissionpolicy-status-controller",
    "validatingadmissionpolicy-status-controller",
    createValidatingAdmissionPolicyStatusController,
  ),
  define(
    "legacy-serviceaccount-token-cleaner-controller",
    "legacy-service-account-token-cleaner",
    createLegacyTokenCleaner,
    "legacy-service-account-token-cleaner",
  ),
  // Without it, no other would have a token to begin with.
  define("serviceaccount-token-controller", undefined, createServiceAccountTokenController, "serviceaccount-token"),
  define(
    "volumeattributesclass-protection-controller",
    "volumeattributesclass-protection-controller",
    createVolumeAttributesClassProtection,
  ),
  define("disruption-controller", "disruption-controller", createDisruptionController, "disruption"),
  define(
    "clusterrole-aggregation-controller",
    "clusterrole-aggregation-controller",
    createClusterRoleAggregationController,
    "clusterrole-aggregation",
  ),
  define(
    "certificatesigningrequest-signing-controller",
    "certificate-controller",
    createCsrSigningController,
    "csrsigning",
  ),
  define(
    "certificatesigningrequest-approving-controller",
    "certificate-controller",
    createCsrApprovingController,
    "csrapproving",
  ),
  define(
    "certificatesigningrequest-cleaner-controller",
    "certificate-controller",
    createCsrCleanerController,
    "csrcleaner",
  ),
  offByDefault("bootstrap-signer-controller", "bootstrap-signer", createBootstrapSigner, "bootstrapsigner"),
  offByDefault("token-cleaner-controller", "token-cleaner", createTokenCleaner, "tokencleaner"),
  define("pod-garbage-collector-controller", "pod-garbage-collector", createPodGarbageCollector, "podgc"),
  define(
    "persistentvolume-binder-controller",
    "persistent-volume-binder",
    createPersistentVolumeBinder,
    "persistentvolume-binder",
  ),
  define(
    "persistentvolume-attach-detach-controller",
    "attachdetach-controller",
    createAttachDetachController,
    "attachdetach",
  ),
  define(
    "persistentvolume-expander-controller",
    "expand-controller",
    createPersistentVolumeExpander,
    "persistentvolume-expander",
  ),
  define(
    "persistentvolumeclaim-protection-controller",
    "pvc-protection-controller",
    createPersistentVolumeClaimProtection,
    "pvc-protection",
  ),
  define(
    "persistentvolume-protection-controller",
    "pv-protection-controller",
    createPersistentVolumeProtection,
    "pv-protection",
  ),
  define(
    "ephemeral-volume-controller",
    "ephemeral-volume-controller",
    createEphemeralVolumeController,
    "ephemeral-volume",
  ),
];
