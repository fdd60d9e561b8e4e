#!/bin/bash
# Runs a command, usually mn, with an Open vSwitch, a /tmp and processes of its own. Mininet cleans up after errors by
# killing programs by name and removing files of /tmp: here it finds only its own, and all of it ends with the command.
#
#   ip netns exec NAME unshare --mount --pid --fork --kill-child --mount-proc mininet-sandbox.sh COMMAND…
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
mount --make-rprivate /
mkdir -p /run/openvswitch
mount -t tmpfs none /run/openvswitch
case $root/ in
  /tmp/*)
    # The sources stay where they are.
    mkdir /run/openvswitch/root
    mount --bind "$root" /run/openvswitch/root
    mount -t tmpfs none /tmp
    mkdir -p "$root"
    mount --bind /run/openvswitch/root "$root"
    ;;
  *) mount -t tmpfs none /tmp ;;
esac
export OVS_RUNDIR=/run/openvswitch OVS_DBDIR=/tmp OVS_LOGDIR=/tmp
ovsdb-tool create /tmp/conf.db /usr/share/openvswitch/vswitch.ovsschema
database=$OVS_RUNDIR/db.sock
ovsdb-server /tmp/conf.db --remote=punix:"$database" --pidfile --detach --no-chdir --log-file=/tmp/ovsdb.log 2>/dev/null
ovs-vsctl --no-wait init
ovs-vswitchd unix:"$database" --pidfile --detach --no-chdir --log-file=/tmp/vswitchd.log 2>/dev/null
cd "$root"
"$@"
