"""Captures for every link layer."""
import struct

import frames
from facts import Capture

HOME, WEB, DNS, PEER = '192.168.1.20', '93.184.216.34', '192.168.1.1', '198.51.100.7'
HOME6, WEB6, DNS6 = '2001:db8:1::20', '2001:db8:2::80', '2001:db8:1::1'
LINK_A, LINK_B = 'fe80::1', 'fe80::2'


def some_traffic(capture, **how):
    """A finished TCP connection, an IPv6 one still open, and a question over UDP."""
    web = capture.tcp(HOME, 51514, WEB, 443, service='https')
    web.talk(**how)
    web.close(**how)
    dns = capture.udp(HOME, 40001, DNS, 53, service='domain')
    dns.udp(0, 40, **how)
    dns.udp(1, 70, **how)
    web6 = capture.tcp(HOME6, 51515, WEB6, 80, service='http')
    web6.talk(25, 80, **how)


def ethernet_tcp():
    capture = Capture('ethernet-tcp', 'TCP over Ethernet: IPv4 and IPv6, out and in, closed and open')
    web = capture.tcp(HOME, 51514, WEB, 443, service='https')
    web.talk(150, 300)
    for _ in range(3):
        web.data(1, 60)
        web.ack(0)
    web.close()
    ssh = capture.tcp(PEER, 50022, HOME, 22, local=1, service='ssh')
    ssh.talk(21, 41)
    web6 = capture.tcp(HOME6, 51515, WEB6, 80, service='http')
    web6.talk()
    web6.close(first=1)
    registered = capture.tcp(HOME, 51516, WEB, 5432, service='postgresql')
    registered.talk(1, 1)
    return capture


def ethernet_udp():
    capture = Capture('ethernet-udp', 'UDP over Ethernet: questions, a stream one way, empty datagrams')
    dns = capture.udp(HOME, 40001, DNS, 53, service='domain')
    dns.udp(0, 33)
    dns.udp(1, 99)
    stream = capture.udp(PEER, 50000, HOME, 49999, local=1)
    for n in (90, 90, 1, 0):
        stream.udp(0, n)
    quic = capture.udp(HOME6, 50443, WEB6, 443, service='https')
    quic.udp(0, 120)
    quic.udp(1, 130)
    quic.udp(0, 60)
    return capture


def ethernet_symmetric():
    capture = Capture('ethernet-symmetric', 'UDP whose client has a port of its own: NTP, mDNS, DHCP, SSDP answers')
    ntp = capture.udp(HOME, 123, PEER, 123, service='ntp', roles=('listening', 'service'))
    ntp.udp(0, 48)
    ntp.udp(1, 48)
    mdns = capture.udp(HOME, 5353, '224.0.0.251', 5353, service='mdns', roles=('listening', 'service'))
    mdns.udp(0, 45)
    dhcp = capture.udp(HOME, 68, DNS, 67, roles=('listening', 'service'))
    dhcp.service_by_end = {0: 'bootpc', 1: 'bootps'}
    dhcp.udp(0, 100)
    dhcp.udp(1, 110)
    ssdp = capture.udp(HOME, 41000, '239.255.255.250', 1900, service='ssdp')
    ssdp.udp(0, 130)
    return capture


def ethernet_vlan():
    capture = Capture('ethernet-vlan', 'one 802.1Q tag')
    some_traffic(capture, tags=[(0x8100, 100)])
    return capture


def ethernet_qinq():
    capture = Capture('ethernet-qinq', '802.1ad service tag and customer tag; the old 0x9100; four tags; five, which is too many')
    some_traffic(capture, tags=[(0x88a8, 7), (0x8100, 100)])
    old = capture.udp(HOME, 40002, DNS, 53, service='domain')
    old.udp(0, 40, tags=[(0x9100, 7), (0x8100, 100)])
    four = capture.udp(HOME, 40003, DNS, 53, service='domain')
    four.udp(0, 41, tags=[(0x8100, i) for i in range(4)])
    packet = frames.ipv4(HOME, DNS, frames.UDP, frames.udp(HOME, 40004, DNS, 53, b'x'))
    capture.put(packet, undecodable='too-many-headers', tags=[(0x8100, i) for i in range(5)])
    five = 'tshark looks behind five tags'
    capture.tshark = {'udp': ['more', five], 'ip': ['skip', five]}
    return capture


def ethernet_not_ip():
    capture = Capture('ethernet-not-ip', 'SNAP carries IP; ARP, LLDP, spanning tree, other LLC and SNAP carry none')
    flow = capture.udp(HOME, 40001, DNS, 53, service='domain')
    flow.udp(0, 40, wrapper=lambda p: frames.ethernet_llc(frames.snap(p)))
    flow.udp(1, 80, wrapper=lambda p: frames.ethernet_llc(frames.snap(p)))
    arp = struct.pack('!HHBBH', 1, 0x0800, 6, 4, 1) + b'\2\0\0\0\0\2' + frames.packed(HOME) + b'\0' * 6 + frames.packed(DNS)
    capture.record(frames.ethernet(arp, ethertype=0x0806, pad_to=60), undecodable='not-ip')
    lldp = bytes.fromhex('0207040200000000010403025031060200780000')
    capture.record(frames.ethernet(lldp, ethertype=0x88cc, pad_to=60), undecodable='not-ip')
    bpdu = b'\x42\x42\x03' + bytes(35)
    capture.record(frames.ethernet_llc(bpdu), undecodable='not-ip')
    capture.record(frames.ethernet_llc(b'\xe0\xe0\x03' + bytes(30)), undecodable='not-ip')
    capture.record(frames.ethernet_llc(frames.snap(b'\x20' + bytes(30), oui=b'\0\0\x0c')), undecodable='not-ip')
    flow2 = capture.udp(HOME, 40002, PEER, 53, service='domain')
    flow2.udp(0, 40)
    return capture


def ethernet_pppoe():
    capture = Capture('ethernet-pppoe', 'PPPoE sessions, and the discovery and LCP that start one')
    some_traffic(capture, wrapper=lambda p: frames.ethernet(frames.pppoe(p), ethertype=0x8864))
    capture.record(frames.ethernet(bytes.fromhex('110900000004') + bytes.fromhex('01010000'), ethertype=0x8863, pad_to=60),
                   undecodable='not-ip')
    capture.record(frames.ethernet(bytes.fromhex('11000001000a') + bytes.fromhex('c0210101000800000000'), ethertype=0x8864,
                                   pad_to=60), undecodable='not-ip')
    return capture


def ethernet_padding():
    capture = Capture('ethernet-padding', 'frames padded to 60 bytes, and trailers: neither is payload')
    web = capture.tcp(HOME, 51514, WEB, 80, service='http')
    web.handshake(pad_to=60)
    web.data(0, 1, pad_to=60)
    web.data(1, 5, pad_to=60)
    web.ack(0, pad_to=60)
    web.close(pad_to=60)
    web6 = capture.tcp(HOME6, 51515, WEB6, 80, service='http')
    web6.talk(3, 4, pad_to=90)
    dns = capture.udp(HOME, 40001, DNS, 53, service='domain')
    dns.udp(0, 0, pad_to=60)
    dns.udp(1, 2, pad_to=64)
    ping = capture.echo(HOME, PEER, 77)
    ping.echo(0, 0, pad_to=60)
    ping.echo(1, 0, pad_to=60)
    return capture


def linux_sll():
    capture = Capture('linux-sll', 'Linux cooked capture: the packet type tells which end is local', frames.SLL)
    ssh = capture.tcp(PEER, 50022, HOME, 22, local=1, service='ssh')
    ssh.talk(21, 41)
    web = capture.tcp(HOME, 51514, PEER, 443, service='https')
    web.talk()
    # A busy remote address must not win over what the kernel says.
    for i in range(3):
        inbound = capture.udp(PEER, 50100 + i, HOME, 4500, local=1, service='ipsec-nat-t')
        inbound.udp(0, 100)
    broadcast = capture.udp(DNS, 50200, '192.168.1.255', 49998, local=1)
    broadcast.udp(0, 20, packet_type=1)
    group = capture.udp(DNS, 5353, '224.0.0.251', 5353, local=1, service='mdns', roles=('service', 'listening'))
    group.udp(0, 30, packet_type=2)
    capture.record(frames.sll(bytes(28), 0, protocol=0x0806), undecodable='not-ip')
    return capture


def linux_sll_tagged():
    capture = Capture('linux-sll-tagged', 'cooked captures with a VLAN tag, with SNAP behind LLC, and of netlink', frames.SLL)
    flow = capture.udp(HOME, 40001, DNS, 53, service='domain')
    flow.udp(0, 40, wrapper=lambda p: frames.sll(struct.pack('!HH', 100, 0x0800) + p, 4, protocol=0x8100))
    flow.udp(1, 80, wrapper=lambda p: frames.sll(frames.snap(p), 0, protocol=4))
    capture.record(frames.sll(bytes(32), 4, protocol=0, hardware=824), undecodable='not-ip')
    return capture


def linux_sll2():
    capture = Capture('linux-sll2', 'cooked capture 2: an interface index per packet parts link-local twins', frames.SLL2)
    web = capture.tcp(HOME, 51514, WEB, 443, service='https')
    web.talk(ifindex=2)
    web.close(ifindex=2)
    for ifindex in (2, 3):
        twin = capture.udp(LINK_A, 50001, LINK_B, 49999)
        twin.udp(0, 10 * ifindex, ifindex=ifindex)
        twin.udp(1, 100 * ifindex, ifindex=ifindex)
    inbound = capture.tcp(PEER, 50022, HOME, 22, local=1, service='ssh')
    inbound.talk(ifindex=3)
    capture.record(frames.sll2(bytes(28), 0, 2, protocol=0x0806), undecodable='not-ip')
    return capture


def raw(name, about, link):
    def make():
        capture = Capture(name, about, link)
        some_traffic(capture)
        return capture
    return make


def raw_one_family(name, link, home, web):
    def make():
        capture = Capture(name, 'raw IP of one version; a packet of the other is an error', link)
        flow = capture.tcp(home, 51514, web, 443, service='https')
        flow.talk()
        flow.close()
        other = (HOME6, WEB6) if ':' not in home else (HOME, WEB)
        build = frames.ipv6 if ':' in other[0] else frames.ipv4
        capture.put(build(*other, frames.UDP, frames.udp(other[0], 40001, other[1], 53, b'x')), undecodable='bad-network')
        by_version = ['more', 'tshark goes by the version field, not by the link type']
        capture.tshark = {'udp': by_version, 'ip': by_version, 'ipv6': by_version}
        return capture
    return make


def raw_mixed():
    capture = Capture('raw', 'raw IP: the version field tells; what is neither is an error', frames.RAW)
    some_traffic(capture)
    capture.record(b'\x25' + bytes(40), undecodable='bad-network')
    return capture


def null(name, about, link, order, family_v6):
    def make():
        capture = Capture(name, about, link)
        some_traffic(capture, order=order, family_v6=family_v6)
        capture.record(struct.pack(order + 'I', 16) + bytes(40), undecodable='not-ip')
        return capture
    return make


def loopback():
    capture = Capture('loopback', 'both ends are this computer', frames.ETHERNET)
    web = capture.tcp('127.0.0.1', 51514, '127.0.0.1', 8080, service='http-alt')
    web.talk()
    web6 = capture.tcp('::1', 51515, '::1', 631, service='ipp')
    web6.talk()
    web6.close()
    ping = capture.echo('127.0.0.1', '127.0.0.1', 99)
    ping.echo(0, 56)
    ping.echo(1, 56)
    return capture


SCENARIOS = [
    ethernet_tcp, ethernet_udp, ethernet_symmetric, ethernet_vlan, ethernet_qinq, ethernet_not_ip, ethernet_pppoe,
    ethernet_padding, linux_sll, linux_sll_tagged, linux_sll2, raw_mixed,
    raw('raw-bsd', 'raw IP as 12, the BSDs\' DLT_RAW', frames.RAW_BSD),
    raw('raw-openbsd', 'raw IP as 14, OpenBSD\'s DLT_RAW', frames.RAW_OPENBSD),
    raw_one_family('raw-ipv4', frames.IPV4, HOME, WEB), raw_one_family('raw-ipv6', frames.IPV6, HOME6, WEB6),
    null('null-little-endian', 'BSD loopback of a little-endian machine, Darwin\'s IPv6 family', frames.NULL, '<', 30),
    null('null-big-endian', 'BSD loopback of a big-endian machine, NetBSD\'s IPv6 family', frames.NULL, '>', 24),
    null('loop', 'OpenBSD loopback, always big-endian; FreeBSD\'s IPv6 family', frames.LOOP, '>', 28),
    loopback,
]
