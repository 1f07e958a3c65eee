// The network on AWS: a VPC with a public subnet in each zone; for a private cluster also a private one, with a NAT gateway.

import { formatCidr, parseCidr, sizeOf } from "#config";
import { document } from "../tofu/cloud.ts";
import type { TofuBlock, TofuDocument, TofuResources } from "../tofu/document.ts";

/** The range is cut into 16 parts: the first 8 for public subnets, the others for private ones. */
const parts = 16;

/** What of a cluster the network depends on: also EKS has one. */
export interface NetworkInput {
  readonly cluster: string;
  readonly infrastructure: {
    readonly region: string;
    readonly zones: readonly string[];
    readonly network: { readonly cidr: string; readonly private: boolean };
  };
}

export function awsNetwork({ cluster, infrastructure }: NetworkInput): TofuDocument {
  const { zones, network, region } = infrastructure;
  const range = parseCidr(network.cidr)!;
  const part = (index: number) =>
    formatCidr({ base: range.base + (index * sizeOf(range)) / parts, prefix: range.prefix + 4 });
  const subnet = (kind: "public" | "private", zone: string, index: number): TofuBlock => ({
    vpc_id: "${aws_vpc.cluster.id}",
    availability_zone: `${region}${zone}`,
    cidr_block: part(kind === "public" ? index : index + parts / 2),
    tags: {
      Name: `${cluster}-${kind}-${zone}`,
      [`kubernetes.io/cluster/${cluster}`]: "owned",
      // Where cloud controllers put load balancers.
      [kind === "public" ? "kubernetes.io/role/elb" : "kubernetes.io/role/internal-elb"]: "1",
    },
  });
  const named = (kind: "public" | "private", make: (zone: string, index: number) => TofuBlock) =>
    Object.fromEntries(zones.map((zone, index) => [`${kind}_${zone}`, make(zone, index)]));
  const machineSubnets = network.private ? "private" : "public";
  const outgoing = network.private ? awsNat(cluster, zones) : {};
  return document("The network: a subnet in each zone, and the ways out.", {
    locals: {
      subnets: Object.fromEntries(zones.map((zone) => [zone, `\${aws_subnet.${machineSubnets}_${zone}.id}`])),
    },
    resource: {
      aws_vpc: {
        cluster: {
          cidr_block: network.cidr,
          enable_dns_hostnames: true,
          enable_dns_support: true,
          tags: { Name: cluster },
        },
      },
      aws_internet_gateway: { cluster: { vpc_id: "${aws_vpc.cluster.id}", tags: { Name: cluster } } },
      aws_subnet: {
        ...named("public", (zone, index) => subnet("public", zone, index)),
        ...(network.private && named("private", (zone, index) => subnet("private", zone, index))),
      },
      ...outgoing,
      aws_route_table: {
        public: { vpc_id: "${aws_vpc.cluster.id}", tags: { Name: `${cluster}-public` } },
        ...outgoing["aws_route_table"],
      },
      aws_route: {
        public: {
          route_table_id: "${aws_route_table.public.id}",
          destination_cidr_block: "0.0.0.0/0",
          gateway_id: "${aws_internet_gateway.cluster.id}",
        },
        ...outgoing["aws_route"],
      },
      aws_route_table_association: {
        ...named("public", (zone) => ({
          subnet_id: `\${aws_subnet.public_${zone}.id}`,
          route_table_id: "${aws_route_table.public.id}",
        })),
        ...outgoing["aws_route_table_association"],
      },
    },
  });
}

/** One NAT gateway in each zone: a zone that fails takes only its own machines' way out with it. */
function awsNat(cluster: string, zones: readonly string[]): TofuResources {
  const named = (make: (zone: string) => TofuBlock) =>
    Object.fromEntries(zones.map((zone) => [`private_${zone}`, make(zone)]));
  return {
    aws_eip: named((zone) => ({ domain: "vpc", tags: { Name: `${cluster}-nat-${zone}` } })),
    aws_nat_gateway: named((zone) => ({
      allocation_id: `\${aws_eip.private_${zone}.id}`,
      subnet_id: `\${aws_subnet.public_${zone}.id}`,
      tags: { Name: `${cluster}-${zone}` },
      depends_on: ["aws_internet_gateway.cluster"],
    })),
    aws_route_table: named((zone) => ({
      vpc_id: "${aws_vpc.cluster.id}",
      tags: { Name: `${cluster}-private-${zone}` },
    })),
    aws_route: named((zone) => ({
      route_table_id: `\${aws_route_table.private_${zone}.id}`,
      destination_cidr_block: "0.0.0.0/0",
      nat_gateway_id: `\${aws_nat_gateway.private_${zone}.id}`,
    })),
    aws_route_table_association: named((zone) => ({
      subnet_id: `\${aws_subnet.private_${zone}.id}`,
      route_table_id: `\${aws_route_table.private_${zone}.id}`,
    })),
  };
}
