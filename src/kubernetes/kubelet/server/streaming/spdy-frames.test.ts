import assert from "node:assert/strict";
import { test } from "node:test";
import { dataFrame, dataFrames, pingFrame, SpdyFrameReader } from "./spdy-frames.ts";

function control(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE((0x80030000 | type) >>> 0, 0);
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

test("SpdyFrameReader: frames in pieces of any size", () => {
  const wire = Buffer.concat([dataFrame(1, Buffer.from("hello")), pingFrame(7), dataFrame(3, Buffer.alloc(0), true)]);
  const whole = [...new SpdyFrameReader().read(wire)];
  assert.deepEqual(whole, [
    { type: "data", streamId: 1, data: Buffer.from("hello"), isLast: false },
    { type: "ping", id: 7 },
    { type: "data", streamId: 3, data: Buffer.alloc(0), isLast: true },
  ]);
  for (let size = 1; size < wire.length; size++) {
    const reader = new SpdyFrameReader();
    const frames = [];
    for (let at = 0; at < wire.length; at += size) frames.push(...reader.read(wire.subarray(at, at + size)));
    assert.deepEqual(frames, whole, `pieces of ${size}`);
  }
});

test("SpdyFrameReader: frames too short for what they say they are, and kinds nobody knows, are passed over", () => {
  const types = [...Array(20).keys()];
  for (const type of types) {
    for (const length of [0, 1, 3, 4, 7]) {
      const [frame] = [...new SpdyFrameReader().read(control(type, Buffer.alloc(length)))];
      assert.ok(frame, `type ${type}, length ${length}`);
      assert.notEqual(frame.type, "data");
      if (type === 3) assert.equal(frame.type, "other");
    }
  }
});

test("dataFrames: what is longer than a frame can be goes in several", () => {
  const data = Buffer.alloc(0x1000001, 1);
  const reader = new SpdyFrameReader();
  const lengths = [...dataFrames(5, data)].flatMap((frame) =>
    [...reader.read(frame)].map((read) => (read.type === "data" ? read.data.length : -1)),
  );
  assert.deepEqual(lengths, [0xffffff, 2]);
});
