#!/usr/bin/python3
"""Two switches and two links between them, whose names need care wherever they are written."""
from functools import partial

from mininet.cli import CLI
from mininet.log import setLogLevel
from mininet.net import Mininet
from mininet.node import OVSBridge

exec(open('extras/sflow.py').read())

setLogLevel('info')
net = Mininet(controller=None, switch=partial(OVSBridge, datapath='user'))
one, other = net.addSwitch('zürich+1'), net.addSwitch('b=.2@x')
net.addLink(one, other, intfName1='up@1', intfName2='ab.2')
net.addLink(one, other, intfName1='ü-x@y@z', intfName2='x={1}')
net.start()
CLI(net)
net.stop()
