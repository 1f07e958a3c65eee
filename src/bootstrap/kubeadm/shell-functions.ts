// Shell functions of the scripts that look after a control plane of distribution kubeadm, by what is on the machine: containerd's ctr, and
// the etcdctl in etcd's own container.

/** until_true SECONDS COMMAND…: fails where the command has not succeeded by then. */
export const untilTrue = `until_true() {
  end=$(($(date +%s) + $1))
  shift
  until "$@"; do
    [ "$(date +%s)" -lt "$end" ] || return 1
    sleep 1
  done
}
`;

/**
 * running LABEL VALUE: prints the id of a container with that label which runs for a Pod of kube-system; 1 where none does, 2 where
 * containerd does not tell.
 */
export const running = `running() {
  ids=$(ctr -n k8s.io containers list -q "labels.\\"io.kubernetes.pod.namespace\\"==kube-system,labels.\\"$1\\"==$2") || return 2
  tasks=$(ctr -n k8s.io tasks list) || return 2
  for id in $ids; do
    if echo "$tasks" | grep -q "^$id .*RUNNING"; then
      echo "$id"
      return 0
    fi
  done
  return 1
}
`;

/** etcd WORDS…: etcdctl, which sees its data folder where the machine has it. */
export const etcdctl = `${running}count=0
etcd() {
  container=$(running io.kubernetes.container.name etcd) || { echo "no etcd runs on this machine" >&2; return 1; }
  count=$((count + 1))
  ctr -n k8s.io tasks exec --exec-id "slipway-$$-$count" "$container" etcdctl --endpoints=https://127.0.0.1:2379 \\
    --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt \\
    --key=/etc/kubernetes/pki/etcd/server.key "$@"
}
`;
