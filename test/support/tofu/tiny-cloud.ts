// A cloud that needs no account, no network and no plug-ins: its things are OpenTofu's own terraform_data. With it the driver is
// run against the real program.

import { type Cloud, clouds, type TofuFiles } from "#provision";

type CloudInput = Parameters<Cloud["files"]>[0];

export interface TinyCloudOptions {
  /** A command that each machine's making runs: one that fails, or takes its time. */
  readonly atCreation?: string;
}

const reference = clouds.find(({ name }) => name === "aws")!;

export function createTinyCloud({ atCreation }: TinyCloudOptions = {}): Cloud {
  return {
    ...reference,
    machine: { resource: "terraform_data", user: "tester", replacedFor: ["zone"], userData: { limitBytes: 1024 } },
    files: (input) => filesOf(input, atCreation),
  };
}

function filesOf({ infrastructure, machines }: CloudInput, atCreation: string | undefined): TofuFiles {
  const local = Object.fromEntries(
    machines.map(({ name, role, pool, zone, type, diskGB, spot, userData }) => [
      name,
      { role, pool, zone, type, disk_gb: diskGB, spot, user_data: userData ?? null },
    ]),
  );
  const { state } = infrastructure;
  const backend =
    state.backend === "local" ? { local: { path: "terraform.tfstate" } } : { [state.backend]: state.settings };
  const isThere = (what: string) => `\${{ for name, machine in terraform_data.machine : name => ${what} }}`;
  return {
    "terraform.tf.json": { "//": "", terraform: { required_version: ">= 1.6.0", backend } },
    "network.tf.json": {
      "//": "",
      resource: { terraform_data: { network: { input: infrastructure.network.cidr } } },
    },
    "machines.tf.json": {
      "//": "",
      locals: { machines: local },
      resource: {
        terraform_data: {
          machine: {
            for_each: "${local.machines}",
            input: "${each.value.user_data == null ? null : file(each.value.user_data)}",
            triggers_replace: "${each.value.zone}",
            depends_on: ["terraform_data.network"],
            lifecycle: { ignore_changes: ["input"] },
            ...(atCreation !== undefined && { provisioner: { "local-exec": { command: atCreation } } }),
          },
          size: { for_each: "${local.machines}", input: "${each.value.type}" },
        },
      },
    },
    "outputs.tf.json": {
      "//": "",
      output: {
        machines: { value: isThere('{ id = machine.id, private_address = "10.0.0.1", public_address = "" }') },
        machine_cidr: { value: "${terraform_data.network.output}" },
        api_endpoint: { value: "https://api.example:6443" },
        machine_api_endpoint: { value: "https://internal.example:6443" },
      },
    },
  };
}

/** The same where the cloud runs the control plane: one thing and a kubeconfig. */
export function createTinyManagedCloud(): Cloud {
  const { machine: _, ...rest } = reference;
  const name = "slipway-demo";
  const authority = Buffer.from("AUTHORITY").toString("base64");
  const kubeconfig = {
    clusters: [
      {
        name,
        cluster: { server: "https://${terraform_data.cluster.output}", "certificate-authority-data": authority },
      },
    ],
    users: [
      { name, user: { exec: { apiVersion: "client.authentication.k8s.io/v1", command: "tiny", args: ["token"] } } },
    ],
  };
  return {
    ...rest,
    name: "eks",
    files: () => ({
      "terraform.tf.json": {
        "//": "",
        terraform: { required_version: ">= 1.6.0", backend: { local: { path: "terraform.tfstate" } } },
      },
      "control-plane.tf.json": { "//": "", resource: { terraform_data: { cluster: { input: "api.example" } } } },
      "outputs.tf.json": {
        "//": "",
        output: { machine_cidr: { value: "10.0.0.0/16" }, kubeconfig: { value: kubeconfig } },
      },
    }),
  };
}
