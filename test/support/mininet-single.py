#!/usr/bin/python3
"""A user's own script: four hosts on one switch, 10 Mbit/s each; then a second network of the same process."""
import subprocess
from functools import partial

from mininet.cli import CLI
from mininet.link import TCLink
from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.node import OVSSwitch
from mininet.topo import SingleSwitchTopo

exec(open('extras/sflow.py').read())

setLogLevel('info')


def run(hosts):
    net = Mininet(
        topo=SingleSwitchTopo(k=hosts),
        switch=partial(OVSSwitch, datapath='user'),
        link=partial(TCLink, bw=10),
        autoSetMacs=True,
    )
    net.start()
    CLI(net)
    own = sorted(name for name in net.__dict__ if name == 'stop')
    net.stop()
    left = subprocess.check_output(['ovs-vsctl', 'list', 'sflow']).decode().strip()
    after = sorted(name for name in net.__dict__ if name == 'stop')
    print('before stop %s, after stop %s, sflow left: %r' % (own, after, left), flush=True)


run(4)
run(2)
