"""Has the switches of a Mininet send sFlow to Weir, and tells Weir the topology.

    sudo mn --custom weir/extras/sflow.py --topo tree,depth=2,fanout=2

or in a script of your own, before net.start():

    exec(open('weir/extras/sflow.py').read())

When a network has started, every Open vSwitch bridge of it samples packets and sends counters, and Weir is told which
switches, ports and links there are (PUT /topology/json). When the network stops, sFlow is switched off again. Weir
keeps the topology until the next network replaces it. Whatever goes wrong here is said, and Mininet goes on.

Environment (with sudo: sudo -E, or sudo SAMPLING=100 mn ...):

    COLLECTOR   where Weir receives sFlow: ADDRESS, ADDRESS:PORT or [IPV6]:PORT   127.0.0.1:6343
    SAMPLING    one packet in so many is sampled                                  10
    POLLING     seconds between counters                                          10
    WEIR_URL    where Weir answers over HTTP                                      http://ADDRESS:8008
    WEIR_TOKEN  token, where Weir asks for one

For Python 2.7 and 3.
"""


# Everything is inside one function: "mn --custom" takes each global of this file for one of its own.
def _weir_sflow():
    import json
    import os
    import socket
    import subprocess

    from mininet.log import error, info
    from mininet.net import Mininet
    from mininet.node import OVSSwitch

    try:
        from urllib.error import HTTPError, URLError
        from urllib.request import ProxyHandler, Request, build_opener
    except ImportError:
        from urllib2 import HTTPError, ProxyHandler, Request, URLError, build_opener

    HEADER_BYTES = 128
    ANSWER_WITHIN_S = 5

    class Trouble(Exception):
        """Something that whoever runs Mininet can mend."""

    def read_number(name, default):
        text = os.environ.get(name) or default
        if not text.isdigit() or int(text) < 1:
            raise Trouble('%s=%s is not a number of 1 or more' % (name, text))
        return int(text)

    def read_collector():
        """Address and port that sFlow goes to."""
        text = os.environ.get('COLLECTOR') or '127.0.0.1'
        host, port = text, '6343'
        if text.startswith('['):
            host, _, rest = text[1:].partition(']')
            port = rest[1:] if rest.startswith(':') else port
        elif text.count(':') == 1:
            host, _, port = text.partition(':')
        try:
            found = socket.getaddrinfo(host, int(port), 0, socket.SOCK_DGRAM)
        except (socket.error, ValueError) as cause:
            raise Trouble('COLLECTOR=%s is no address: %s' % (text, cause))
        # One that is IPv4 where there is one: switches prefer it, too.
        family, _, _, _, address = sorted(found, key=lambda one: one[0] != socket.AF_INET)[0]
        return family, address[0], address[1]

    def run(*command):
        try:
            done = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            out, said = done.communicate()
        except OSError as cause:
            raise Trouble('%s cannot be run: %s' % (command[0], cause))
        if done.returncode != 0:
            raise Trouble('%s: %s' % (command[0], said.decode('utf-8', 'replace').strip()))
        return out.decode('utf-8', 'replace')

    def find_agent(family, host, port):
        """Interface that reaches the collector, and the address by which it is known as an agent."""
        probe = socket.socket(family, socket.SOCK_DGRAM)
        try:
            probe.connect((host, port))
            own = probe.getsockname()[0]
        except socket.error as cause:
            raise Trouble('there is no way to %s: %s' % (host, cause))
        finally:
            probe.close()
        # "2: eth0    inet 10.0.2.15/24 brd ..."
        addresses = [line.split()[1:4] for line in run('ip', '-o', 'addr', 'show').splitlines()]
        for interface, _, address in addresses:
            if address.split('/')[0] == own:
                mine = [one for one in addresses if one[0] == interface]
                mine.sort(key=lambda one: one[1] != 'inet')
                return interface, mine[0][2].split('/')[0]
        raise Trouble('no interface has the address %s' % own)

    def interface_number(name):
        """ifIndex, in the namespace of the switches; None for what the kernel does not know, such as patch ports."""
        try:
            with open('/sys/class/net/%s/ifindex' % name) as number:
                return number.read().strip()
        except IOError:
            return None

    def describe(net, bridges, agent):
        """The network as Weir takes it. Links to hosts are none: their ports are the edge."""
        nodes, links = {}, {}
        for bridge in bridges:
            ports = {}
            for interface in bridge.intfList():
                number = interface_number(interface.name)
                if number is None or interface.name == 'lo':
                    continue
                ports[interface.name] = {
                    'ifindex': number,
                    'ofport': str(bridge.ports.get(interface, '')),
                }
            nodes[bridge.name] = {'agent': agent, 'dpid': bridge.dpid, 'ports': ports}
        for link in net.links:
            one, other = link.intf1, link.intf2
            if one.node.name not in nodes or other.node.name not in nodes:
                continue
            name = pair = '%s-%s' % (one.node.name, other.node.name)
            count = 1
            while name in links:
                count += 1
                name = '%s-%d' % (pair, count)
            links[name] = {
                'node1': one.node.name,
                'port1': one.name,
                'node2': other.node.name,
                'port2': other.name,
            }
        return {'nodes': nodes, 'links': links}

    def send_topology(url, topology):
        headers = {'Content-Type': 'application/json'}
        if os.environ.get('WEIR_TOKEN'):
            headers['Authorization'] = 'Bearer ' + os.environ['WEIR_TOKEN']
        body = json.dumps(topology).encode('utf-8')
        try:
            request = Request(url + '/topology/json', data=body, headers=headers)
            request.get_method = lambda: 'PUT'
            # Not by the proxy of this machine.
            build_opener(ProxyHandler({})).open(request, timeout=ANSWER_WITHIN_S).close()
        except HTTPError as cause:
            said = cause.headers.get('Weir-Error') or ''
            raise Trouble('Weir at %s refuses the topology: %s %s' % (url, cause.code, said))
        except (URLError, socket.error, ValueError) as cause:
            reason = getattr(cause, 'reason', cause)
            raise Trouble(
                'Weir does not answer at %s (%s), so it does not know this network. '
                'Is it running? Start it, then start Mininet again.' % (url, reason)
            )

    def enable(net):
        """Switch sFlow on, and tell Weir. Gives the names of the bridges that send now."""
        bridges = [switch for switch in net.switches if isinstance(switch, OVSSwitch)]
        if not bridges:
            raise Trouble('this network has no Open vSwitch bridges, and nothing else sends sFlow')
        family, host, port = read_collector()
        sampling = read_number('SAMPLING', '10')
        polling = read_number('POLLING', '10')
        interface, agent = find_agent(family, host, port)
        in_url = '[%s]' % host if ':' in host else host
        command = [
            'ovs-vsctl',
            '--timeout=10',
            '--',
            '--id=@sflow',
            'create',
            'sflow',
            'agent=%s' % interface,
            'target="%s:%d"' % (in_url, port),
            'header=%d' % HEADER_BYTES,
            'sampling=%d' % sampling,
            'polling=%d' % polling,
        ]
        for bridge in bridges:
            command += ['--', 'set', 'bridge', bridge.name, 'sflow=@sflow']
        run(*command)
        info('*** sFlow of %d bridges goes to %s:%d\n' % (len(bridges), in_url, port))
        return [bridge.name for bridge in bridges], bridges, agent, in_url

    def disable(names):
        command = ['ovs-vsctl', '--timeout=10']
        for name in names:
            command += ['--', '--if-exists', 'clear', 'bridge', name, 'sflow']
        run(*command)

    def attempt(step):
        """Whatever happens here, Mininet goes on."""
        try:
            return step()
        except Trouble as trouble:
            error('*** sFlow: %s\n' % trouble)
        except Exception as fault:  # a fault of this file, which must not end the network
            error('*** sFlow: %s: %s\n' % (type(fault).__name__, fault))
        return None

    start_before = Mininet.start
    if getattr(start_before, 'sends_sflow', False):
        return

    def start(net, *args, **kwargs):
        result = start_before(net, *args, **kwargs)
        enabled = attempt(lambda: enable(net))
        if enabled is None:
            return result
        names, bridges, agent, host = enabled
        url = (os.environ.get('WEIR_URL') or 'http://%s:8008' % host).rstrip('/')
        topology = attempt(lambda: describe(net, bridges, agent))
        if topology is not None:
            attempt(lambda: send_topology(url, topology))
        stop_before = net.stop
        had_its_own = 'stop' in net.__dict__

        def stop(*args, **kwargs):
            # As it was before.
            if had_its_own:
                net.stop = stop_before
            else:
                del net.stop
            attempt(lambda: disable(names))
            return stop_before(*args, **kwargs)

        net.stop = stop
        return result

    start.sends_sflow = True
    Mininet.start = start


_weir_sflow()
del _weir_sflow
