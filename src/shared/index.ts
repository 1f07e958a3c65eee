// The small things every part may use and that know nothing of Kubernetes: errors, clock, cancellation, processes, files, logs.

export { abortable, onAbort, throwIfAborted } from "./abort.ts";
export { callAt } from "./call-at.ts";
export { type Clock, systemClock } from "./clock.ts";
export { CommandFailedError, describeError, UserError, type UserErrorOptions } from "./errors.ts";
export { anyCode, type Exec, type ExecOptions, type ExecResult, exec } from "./exec.ts";
export { exitCodes } from "./exit-codes.ts";
export { FakeClock } from "./fake-clock.ts";
export { copyFileAtomic, hashFile, readFileIfExists, removeIfExists, writeFileAtomic } from "./fs.ts";
export { inTurn } from "./in-turn.ts";
export { takeLock, tryTakeLock } from "./lock-file.ts";
export { createLogger, type Logger, silentLogger } from "./logger.ts";
export { identifyProcess, isProcessAlive, type ProcessIdentity } from "./process-identity.ts";
export { type ListenAddress, type SmallAnswer, type SmallServer, serveSmall } from "./small-server.ts";
