// keepalived's configuration on a control plane: the highest of those whose API server takes connections has the virtual address. Unicast,
// as clouds and containers often lose multicast. Pure.

export interface VirtualAddressSettings {
  readonly address: string;
  /** Where the other control planes' keepalived is. */
  readonly others: readonly string[];
  /** 1 to 254; the highest one that is well has the address. */
  readonly priority: number;
  /** 1 to 255: tells clusters in one network apart. */
  readonly routerId: number;
  /** Of the API server, whose health decides. */
  readonly port: number;
}

export interface OwnPlace {
  readonly name: string;
  readonly address: string;
  /** The network interface that has the address. */
  readonly networkInterface: string;
}

export function renderKeepalivedConfig(
  { address, others, priority, routerId, port }: VirtualAddressSettings,
  own: OwnPlace,
): string {
  return `global_defs {
  router_id ${own.name}
  script_user root
  enable_script_security
  vrrp_version 3
}

vrrp_script api {
  script "/bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}'"
  interval 1
  timeout 2
  rise 1
  fall 2
}

vrrp_instance slipway {
  state BACKUP
  interface ${own.networkInterface}
  virtual_router_id ${routerId}
  priority ${priority}
  advert_int 0.5
  unicast_src_ip ${own.address}
  unicast_peer {
${others.map((other) => `    ${other}\n`).join("")}  }
  virtual_ipaddress {
    ${address}/32 dev ${own.networkInterface}
  }
  track_script {
    api
  }
}
`;
}
