// What is wrong with security contexts, in a real server's words.

import { testCreateErrors } from "../../testing/kind-rows.ts";

testCreateErrors(
  "validatePodSecurityContext",
  "Pod",
  (securityContext: object) => ({
    metadata: { name: "p" },
    spec: { securityContext, containers: [{ name: "c", image: "i" }] },
  }),
  [
    [
      "IDs are of 32 bits",
      { runAsUser: -1, runAsGroup: 2147483648, fsGroup: -1, supplementalGroups: [1, -1] },
      [
        "spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive",
        "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
        "spec.securityContext.runAsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive",
        "spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and 2147483647, inclusive",
      ],
    ],
    [
      "policies are known ones",
      { fsGroupChangePolicy: "Later", supplementalGroupsPolicy: "Both" },
      [
        'spec.securityContext.fsGroupChangePolicy: Unsupported value: "Later": supported values: "Always", "OnRootMismatch"',
        'spec.securityContext.supplementalGroupsPolicy: Unsupported value: "Both": supported values: "Merge", "Strict"',
      ],
    ],
    [
      "sysctls have names, and values once",
      {
        sysctls: [
          { name: "a b", value: "1" },
          { name: "kernel.shm_rmid_forced", value: "1" },
          { name: "kernel.shm_rmid_forced", value: "2" },
          { name: "", value: "1" },
        ],
      },
      [
        'spec.securityContext.sysctls[0].name: Invalid value: "a b": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$',
        'spec.securityContext.sysctls[2].name: Duplicate value: "kernel.shm_rmid_forced"',
        "spec.securityContext.sysctls[3].name: Required value",
      ],
    ],
    ["fine: sysctls with slashes", { sysctls: [{ name: "net/ipv4/tcp_syncookies", value: "1" }] }, []],
    [
      "seccomp profiles are known; local ones have a path",
      { seccompProfile: { type: "Strict" } },
      [
        'spec.securityContext.seccompProfile.type: Unsupported value: "Strict": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
      ],
    ],
    [
      "a local path stays inside",
      { seccompProfile: { type: "Localhost", localhostProfile: "../a" } },
      ["spec.securityContext.seccompProfile.localhostProfile: Invalid value: \"../a\": must not contain '..'"],
    ],
    [
      "only local profiles have a path",
      { seccompProfile: { type: "RuntimeDefault", localhostProfile: "a" } },
      [
        'spec.securityContext.seccompProfile.localhostProfile: Invalid value: {"Type":"RuntimeDefault","LocalhostProfile":"a"}: can only be set when seccomp type is Localhost',
      ],
    ],
    [
      "local profiles need a path",
      { seccompProfile: { type: "Localhost" } },
      [
        "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
      ],
    ],
    [
      "AppArmor profiles likewise",
      { appArmorProfile: { type: "Localhost" } },
      [
        "spec.securityContext.appArmorProfile.localhostProfile: Required value: must be set when AppArmor type is Localhost",
      ],
    ],
    [
      "their path has no blanks around it",
      { appArmorProfile: { type: "Localhost", localhostProfile: " a" } },
      [
        'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: " a": must not be padded with whitespace',
      ],
    ],
    [
      "only local ones have a path",
      { appArmorProfile: { type: "Unconfined", localhostProfile: "a" } },
      [
        'spec.securityContext.appArmorProfile.localhostProfile: Invalid value: "a": can only be set when AppArmor type is Localhost',
      ],
    ],
    [
      "Windows: users have names, host processes the host's network",
      { windowsOptions: { runAsUserName: "a\\b\\c", hostProcess: true } },
      [
        'spec.securityContext.windowsOptions.runAsUserName: Invalid value: "a\\\\b\\\\c": runAsUserName cannot contain more than one backslash',
        "spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers",
      ],
    ],
    [
      "Windows: credential specs have names",
      { windowsOptions: { gmsaCredentialSpecName: "A B", gmsaCredentialSpec: "" } },
      [
        "spec.securityContext.windowsOptions.gmsaCredentialSpecName: Invalid value: \"A B\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (…)",
        'spec.securityContext.windowsOptions.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string',
      ],
    ],
  ],
);

testCreateErrors(
  "validateSecurityContext",
  "Pod",
  (securityContext: object) => ({
    metadata: { name: "p" },
    spec: { containers: [{ name: "c", image: "i", securityContext }] },
  }),
  [
    [
      "IDs are of 32 bits",
      { runAsUser: -1, runAsGroup: -1 },
      [
        "spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
        "spec.containers[0].securityContext.runAsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive",
      ],
    ],
    [
      "the privileged do escalate",
      { privileged: true, allowPrivilegeEscalation: false },
      [
        'spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
      ],
    ],
    [
      "administrators do escalate",
      { capabilities: { add: ["CAP_SYS_ADMIN"] }, allowPrivilegeEscalation: false },
      [
        'spec.containers[0].securityContext: Invalid value: {"Capabilities":{"Add":["CAP_SYS_ADMIN"],"Drop":null},"Privileged":null,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN',
      ],
    ],
    [
      "/proc is mounted in known ways",
      { procMount: "Open" },
      [
        'spec.containers[0].securityContext.procMount: Unsupported value: "Open": supported values: "Default", "Unmasked"',
      ],
    ],
    [
      "an open /proc is for user namespaces",
      { procMount: "Unmasked" },
      [
        'spec.containers[0].securityContext.procMount: Invalid value: "Unmasked": `hostUsers` must be false to use `Unmasked`',
      ],
    ],
    [
      "profiles are known ones",
      { seccompProfile: { type: "Strict" }, appArmorProfile: { type: "Strict" } },
      [
        'spec.containers[0].securityContext.seccompProfile.type: Unsupported value: "Strict": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
        'spec.containers[0].securityContext.appArmorProfile.type: Unsupported value: "Strict": supported values: "Localhost", "RuntimeDefault", "Unconfined"',
      ],
    ],
  ],
);
