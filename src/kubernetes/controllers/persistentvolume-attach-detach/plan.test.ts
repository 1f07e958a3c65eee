import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, PersistentVolume, Pod, VolumeAttachment } from "#kubernetes/api";
import { attachmentName, needsAttachment, uniqueName } from "./attachments.ts";
import { blockedMessage, type NodeVolumes, planAttachments } from "./plan.ts";

function volume(name: string, ...accessModes: string[]): PersistentVolume {
  return { metadata: { name }, spec: { accessModes, csi: { driver: "d.example", volumeHandle: `h-${name}` } } };
}

function node(ready: string, ...volumesInUse: string[]): Node {
  return { metadata: { name: "n" }, status: { conditions: [{ type: "Ready", status: ready }], volumesInUse } };
}

function attachment(found: PersistentVolume, attached: boolean, nodeName = "n"): VolumeAttachment {
  return {
    metadata: { name: attachmentName(found, nodeName), uid: found.metadata.name! },
    spec: { attacher: "d.example", nodeName, source: { persistentVolumeName: found.metadata.name! } },
    status: { attached },
  };
}

const pod = (name: string, namespace = "a"): Pod => ({ metadata: { name, namespace } });
const one = volume("one", "ReadWriteOnce");

function around(more: Partial<NodeVolumes>): NodeVolumes {
  return {
    nodeName: "n",
    node: node("True"),
    wanted: [],
    attachments: [],
    volume: () => one,
    elsewhere: () => undefined,
    unwantedSince: () => 0,
    ...more,
  };
}

test("planAttachments: what pods want is attached, and reported when it is", () => {
  const wanted = [{ volume: one, pods: [pod("p")] }];
  assert.deepEqual(planAttachments(around({ wanted }), 0).attach, wanted);
  const under = planAttachments(around({ wanted, attachments: [attachment(one, false)] }), 0);
  assert.deepEqual([under.attach, under.volumesAttached], [[], []]);
  const ready = planAttachments(around({ wanted, attachments: [attachment(one, true)] }), 0);
  assert.deepEqual(ready.volumesAttached, ["kubernetes.io/csi/d.example^h-one"]);
});

test("planAttachments: what nobody wants is detached when it is unmounted", () => {
  const attachments = [attachment(one, true)];
  assert.equal(planAttachments(around({ attachments }), 0).detach.length, 1);
  const mounted = planAttachments(around({ attachments, node: node("True", uniqueName(one)) }), 1e9);
  assert.deepEqual([mounted.detach, mounted.volumesAttached.length, mounted.nextMs], [[], 1, undefined]);
  const silent = around({ attachments, node: node("Unknown", uniqueName(one)) });
  assert.equal(planAttachments(silent, 60_000).nextMs, 300_000);
  assert.equal(planAttachments(silent, 360_000).detach.length, 1);
  const others = { ...attachment(one, true), metadata: { name: "others" } };
  assert.deepEqual(planAttachments(around({ attachments: [others] }), 0).detach, []);
});

test("planAttachments: a volume for one node waits until the other has let go", () => {
  const wanted = [{ volume: one, pods: [pod("p")] }];
  const elsewhere = () => ({ pods: [pod("q")] });
  const plan = planAttachments(around({ wanted, elsewhere }), 0);
  assert.deepEqual([plan.attach.length, plan.blocked.length], [0, 1]);
  const shared = [{ volume: volume("two", "ReadWriteMany"), pods: [pod("p")] }];
  assert.equal(planAttachments(around({ wanted: shared, elsewhere }), 0).attach.length, 1);
});

test("blockedMessage: names pods of the same namespace only", () => {
  const message = (...pods: Pod[]) => blockedMessage("one", pod("p"), { pods });
  assert.equal(
    message(),
    'Multi-Attach error for volume "one" Volume is already exclusively attached to one node and can\'t be attached to another',
  );
  assert.match(message(pod("q"), pod("r", "b")), /used by pod\(s\) q and 1 pod\(s\) in different namespaces$/);
  assert.match(message(pod("r", "b")), /used by 1 pod\(s\) in different namespaces$/);
});

test("needsAttachment: unless the driver says otherwise", () => {
  assert.equal(
    needsAttachment(one, () => undefined),
    true,
  );
  assert.equal(
    needsAttachment(one, () => ({ metadata: {}, spec: { attachRequired: false } })),
    false,
  );
  assert.equal(
    needsAttachment({ metadata: {}, spec: { hostPath: { path: "/" } } }, () => undefined),
    false,
  );
});
