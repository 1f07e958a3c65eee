// The program of the sandbox container, written out in machine code, so that no compiler, package or registry is needed for it. It
// holds a pod's namespaces: waits for signals, reaps processes whose parent died, and ends on SIGTERM or SIGINT. In C:
//
//   sigset_t set = { SIGINT, SIGTERM, SIGCHLD };
//   rt_sigprocmask(SIG_BLOCK, &set, NULL, 8);
//   for (;;) {
//     int signal = rt_sigtimedwait(&set, NULL, NULL, 8);
//     if (signal == SIGCHLD) while (wait4(-1, NULL, WNOHANG, NULL) > 0);
//     else if (signal >= 0) exit(0);
//   }
//
// Blocked signals are kept for rt_sigtimedwait even where their default is to be ignored, and also for the first process of a pid
// namespace; so no handler is needed.

export type Architecture = "amd64" | "arm64";

/** Bits 1, 14 and 16: SIGINT, SIGTERM and SIGCHLD. */
const signalSet = 0x0001_4002;

const programs: Readonly<Record<Architecture, () => Buffer>> = { amd64: assembleAmd64, arm64: assembleArm64 };
/** The ELF machine numbers. */
const machines: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };

const loadAddress = 0x400000;
const headerSize = 64;
const programHeaderSize = 56;

/** A static ELF executable: two headers and the code, loaded as one read-only piece. */
export function assemblePauseProgram(architecture: Architecture): Buffer {
  const code = programs[architecture]();
  const codeOffset = headerSize + programHeaderSize;
  const size = codeOffset + code.length;
  const file = Buffer.alloc(codeOffset);
  // The ELF header: magic, 64 bit, little endian, version 1.
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(machines[architecture], 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(loadAddress + codeOffset), 24); // where it starts
  file.writeBigUInt64LE(BigInt(headerSize), 32); // where the program headers are
  file.writeUInt16LE(headerSize, 52);
  file.writeUInt16LE(programHeaderSize, 54);
  file.writeUInt16LE(1, 56);
  // The one program header: PT_LOAD, readable and executable, the whole file.
  file.writeUInt32LE(1, headerSize);
  file.writeUInt32LE(5, headerSize + 4);
  file.writeBigUInt64LE(BigInt(loadAddress), headerSize + 16);
  file.writeBigUInt64LE(BigInt(loadAddress), headerSize + 24);
  file.writeBigUInt64LE(BigInt(size), headerSize + 32);
  file.writeBigUInt64LE(BigInt(size), headerSize + 40);
  file.writeBigUInt64LE(0x10000n, headerSize + 48);
  return Buffer.concat([file, code]);
}

function assembleAmd64(): Buffer {
  const syscall = [0x0f, 0x05];
  const block = [
    [0x68, ...littleEndian32(signalSet)], // push set
    [0x31, 0xff], // xor edi, edi        SIG_BLOCK
    [0x48, 0x89, 0xe6], // mov rsi, rsp
    [0x31, 0xd2], // xor edx, edx
    [0x41, 0xba, 8, 0, 0, 0], // mov r10d, 8
    [0xb8, 14, 0, 0, 0], // mov eax, rt_sigprocmask
    syscall,
  ].flat();
  const wait = [
    [0x48, 0x89, 0xe7], // mov rdi, rsp
    [0x31, 0xf6], // xor esi, esi
    [0x31, 0xd2], // xor edx, edx
    [0x41, 0xba, 8, 0, 0, 0], // mov r10d, 8
    [0xb8, 128, 0, 0, 0], // mov eax, rt_sigtimedwait
    syscall,
  ].flat();
  const exit = [
    [0x31, 0xff], // xor edi, edi
    [0xb8, 60, 0, 0, 0], // mov eax, exit
    syscall,
  ].flat();
  const waitForChild = [
    [0xbf, 0xff, 0xff, 0xff, 0xff], // mov edi, -1
    [0x31, 0xf6], // xor esi, esi
    [0xba, 1, 0, 0, 0], // mov edx, WNOHANG
    [0x45, 0x31, 0xd2], // xor r10d, r10d
    [0xb8, 61, 0, 0, 0], // mov eax, wait4
    syscall,
  ].flat();
  // Each jump's distance counts from behind it; what stands between follows from the lengths above.
  const decide = [
    [0x83, 0xf8, 17], // cmp eax, SIGCHLD
    [0x74, 4 + exit.length], // je reap
    [0x85, 0xc0], // test eax, eax
    [0x78, jumpBack(wait.length + 9)], // js wait            interrupted
  ].flat();
  const reap = [
    ...waitForChild,
    ...[0x85, 0xc0], // test eax, eax
    ...[0x7f, jumpBack(waitForChild.length + 4)], // jg reap
  ];
  const behind = wait.length + decide.length + exit.length + reap.length + 2;
  return Buffer.from([...block, ...wait, ...decide, ...exit, ...reap, 0xeb, jumpBack(behind)]);
}

function assembleArm64(): Buffer {
  const syscall = 0xd4000001;
  const set = (register: number, value: number) => (0xd2800000 | (value << 5) | register) >>> 0;
  const stackPointerTo = (register: number) => (0x910003e0 | register) >>> 0;
  const compare = (value: number) => (0xf100001f | (value << 10)) >>> 0; // cmp x0, value
  const branch = (words: number) => (0x14000000 | (words & 0x3ffffff)) >>> 0;
  const branchIf = (condition: number, words: number) => (0x54000000 | ((words & 0x7ffff) << 5) | condition) >>> 0;
  const equal = 0;
  const greater = 12;
  const block = [
    set(9, signalSet & 0xffff),
    (0xf2a00000 | ((signalSet >>> 16) << 5) | 9) >>> 0, // movk x9, …, lsl 16
    0xf81f0fe9, // str x9, [sp, -16]!
    set(0, 0), // SIG_BLOCK
    stackPointerTo(1),
    set(2, 0),
    set(3, 8),
    set(8, 135), // rt_sigprocmask
    syscall,
  ];
  const wait = [stackPointerTo(0), set(1, 0), set(2, 0), set(3, 8), set(8, 137), syscall]; // rt_sigtimedwait
  const exit = [set(0, 0), set(8, 93), syscall];
  const decide = [
    compare(17), // SIGCHLD
    branchIf(equal, 2 + exit.length), // to reap
    (0xb7f80000 | ((-(wait.length + 2) & 0x3fff) << 5)) >>> 0, // tbnz x0, 63, wait: interrupted
  ];
  const waitForChild = [0x92800000, set(1, 0), set(2, 1), set(3, 0), set(8, 260), syscall]; // movn x0, 0; wait4
  const reap = [...waitForChild, compare(0), branchIf(greater, -(waitForChild.length + 1))];
  const behind = wait.length + decide.length + exit.length + reap.length;
  const words = [...block, ...wait, ...decide, ...exit, ...reap, branch(-behind)];
  return Buffer.from(words.flatMap(littleEndian32));
}

function littleEndian32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff];
}

/** The byte of a short jump that goes back so many bytes, the jump itself included. */
function jumpBack(bytes: number): number {
  return 256 - bytes;
}
