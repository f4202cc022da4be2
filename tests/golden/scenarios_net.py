"""Captures for IPv4, IPv6, their options, extension headers and fragments, and for every transport."""
import struct

import frames
from facts import Capture
from scenarios_link import DNS, DNS6, HOME, HOME6, PEER, WEB, WEB6

ROUTER, ROUTER6 = '203.0.113.1', '2001:db8:ff::1'
FIRST_ONLY = ['skip', 'tshark knows the ports of first fragments only']
COUNTS_UNDECODABLE = ['skip', 'tshark counts by address what is undecodable behind the IP header']


def ipv4_options():
    capture = Capture('ipv4-options', 'IPv4 options: router alert, record route, timestamps, the longest header')
    for i, options in enumerate([bytes.fromhex('94040000'), bytes.fromhex('072704') + bytes(36),
                                 bytes.fromhex('44240500') + bytes(32), b'\x01' * 40]):
        flow = capture.udp(HOME, 40001 + i, DNS, 53, service='domain')
        flow.udp(0, 40, ip={'options': options})
        flow.udp(1, 80)
    web = capture.tcp(HOME, 51514, WEB, 443, service='https')
    web.talk(ip={'options': b'\x01' * 8})
    return capture


def ipv6_extensions():
    capture = Capture('ipv6-extensions', 'IPv6 extension headers, alone and in RFC 8200\'s order; AH also in IPv4')
    padding = frames.pad_options
    hop, destination = (frames.HOP_BY_HOP, padding(6)), (frames.DESTINATION, padding(14))
    routing = (frames.ROUTING, struct.pack('!BB', 4, 0) + bytes(4))
    atomic = (frames.FRAGMENT, frames.fragment_body(0, False, 0x12345678))
    ah = (frames.AH, struct.pack('!HII', 0, 256, 1) + bytes(12))
    chains = [[hop], [destination], [routing], [atomic], [ah], [hop, destination, routing, atomic, ah, destination],
              [destination] * 16]
    for i, chain in enumerate(chains):
        flow = capture.udp(HOME6, 40001 + i, DNS6, 53, service='domain')
        flow.udp(0, 40, ip={'chain': chain})
        flow.udp(1, 80, ip={'chain': chain})
    web = capture.tcp(HOME6, 51514, WEB6, 443, service='https')
    web.talk(ip={'chain': [hop, destination]})
    ping = capture.echo(HOME6, WEB6, 4711)
    ping.echo(0, 56, ip={'chain': [hop]})
    ping.echo(1, 56, ip={'chain': [ah]})
    v4 = capture.udp(HOME, 40100, DNS, 53, service='domain')
    src, dst = v4.ends
    inside = frames.extension(frames.AH, ah[1], frames.UDP) + frames.udp(*src, *dst, frames.filler(40))
    capture.put(v4.ip(0, inside, proto=frames.AH), flow=v4, sender=0, payload=40)
    packet = frames.ipv6(HOME6, DNS6, frames.UDP, frames.udp(HOME6, 40200, DNS6, 53, b'x'), chain=[destination] * 17)
    capture.put(packet, undecodable='too-many-headers')
    capture.tshark = {'udp': ['skip', 'tshark counts nothing behind an atomic fragment, and walks seventeen headers'],
                      'ipv6': ['skip', 'tshark counts no atomic fragment, and walks seventeen headers']}
    return capture


def fragments_v4():
    capture = Capture('fragments-v4', 'IPv4 fragments in order: UDP, TCP, an echo, GRE, and AH before UDP')
    flow = capture.udp(HOME, 40001, DNS, 53, service='domain')
    segment = frames.udp(*flow.ends[0], *flow.ends[1], frames.filler(392))
    flow.fragments(0, segment, 8, [160, 160, 80])
    flow.udp(1, 100)
    other = capture.udp(HOME, 40002, DNS, 53, service='domain')
    other.fragments(0, frames.udp(*other.ends[0], *other.ends[1], frames.filler(24)), 8, [16, 16])
    web = capture.tcp(HOME, 51514, WEB, 443, service='https')
    web.handshake()
    segment = frames.tcp(*web.ends[0], *web.ends[1], web.seq[0], web.seq[1], frames.ACK, frames.filler(200))
    web.fragments(0, segment, 20, [120, 100])
    ping = capture.echo(HOME, PEER, 4711)
    ping.fragments(0, ping.echo_message(0, 352, False), 8, [160, 160, 40])
    ping.fragments(1, ping.echo_message(1, 352, True), 8, [160, 160, 40])
    gre = capture.bare(47, HOME, PEER)
    gre.fragments(0, b'\0\0\x88\x0b' + bytes(96), 0, [48, 52])
    ah = capture.udp(HOME, 40003, DNS, 53, service='domain')
    inside = frames.extension(frames.AH, struct.pack('!HII', 0, 256, 1) + bytes(12), frames.UDP)
    inside += frames.udp(*ah.ends[0], *ah.ends[1], frames.filler(200))
    ah.fragments(0, inside, 24 + 8, [112, 120], proto=frames.AH)
    capture.tshark = {'tcp': FIRST_ONLY, 'udp': FIRST_ONLY}
    return capture


def fragments_v4_out_of_order():
    capture = Capture('fragments-v4-out-of-order', 'later fragments before their first are stray; after it they join')
    flow = capture.udp(HOME, 40001, DNS, 53, service='domain')
    datagram = frames.udp(*flow.ends[0], *flow.ends[1], frames.filler(292))
    flow.fragments(0, datagram, 8, [120, 120, 60], order=[0, 2, 1])
    flow.fragments(0, datagram, 8, [120, 120, 60], order=[1, 0, 2])
    flow.fragments(0, datagram, 8, [120, 120, 60], order=[2, 1, 0])
    flow.fragments(0, datagram, 8, [120, 120, 60], order=[0, 0, 1, 1, 2])
    gre = capture.bare(47, HOME, PEER)
    packet = gre.ip(0, b'\0' * 40, ident=9, flags=5)
    capture.put(packet, flow=gre, sender=0, payload=40)
    aged = capture.udp(HOME, 40002, DNS, 53, service='domain')
    first = frames.udp(*aged.ends[0], *aged.ends[1], frames.filler(16), length=40)
    capture.put(aged.ip(0, first, ident=77, flags=0x2000), flow=aged, sender=0, payload=16)
    capture.wait(31)
    capture.put(aged.ip(0, bytes(16), ident=77, flags=3), undecodable='stray-fragment')
    aged.state = flow.state = gre.state = 'idle'
    capture.tshark = {'udp': FIRST_ONLY, 'ip': COUNTS_UNDECODABLE}
    return capture


def fragments_v6():
    capture = Capture('fragments-v6', 'IPv6 fragments: in order, out of order, behind and before other headers')
    hop = (frames.HOP_BY_HOP, frames.pad_options(6))
    flow = capture.udp(HOME6, 40001, DNS6, 53, service='domain')
    datagram = frames.udp(*flow.ends[0], *flow.ends[1], frames.filler(292))
    flow.fragments(0, datagram, 8, [120, 120, 60])
    flow.fragments(0, datagram, 8, [120, 120, 60], order=[1, 0, 2])
    flow.fragments(1, frames.udp(*flow.ends[1], *flow.ends[0], frames.filler(92)), 8, [48, 52], per_fragment=[hop])
    ping = capture.echo(HOME6, WEB6, 4711)
    ping.fragments(0, ping.echo_message(0, 392, False), 8, [240, 160])
    ping.fragments(1, ping.echo_message(1, 392, True), 8, [240, 160], order=[1, 0])
    inner = capture.udp(HOME6, 40002, DNS6, 53, service='domain')
    segment = frames.udp(*inner.ends[0], *inner.ends[1], frames.filler(200))
    part = frames.extension(frames.DESTINATION, frames.pad_options(14), frames.UDP) + segment
    inner.fragments(0, part, 16 + 8, [112, 112], proto=frames.DESTINATION)
    esp = capture.bare(50, HOME6, WEB6)
    esp.fragments(0, bytes(96), 0, [48, 48], order=[1, 0])
    capture.tshark = {'udp': FIRST_ONLY, 'ipv6': ['skip', 'tshark counts no later fragment of IPv6']}
    return capture


def icmp_echo():
    capture = Capture('icmp-echo', 'pings: by identifier, in both versions, answered and not')
    for ident in (1, 2):
        ping = capture.echo(HOME, PEER, ident)
        for sequence in range(3):
            ping.echo(0, 56, sequence=sequence)
            ping.echo(1, 56, sequence=sequence)
    capture.echo(HOME, '198.51.100.8', 1).echo(0, 56)
    pinged = capture.echo(WEB, HOME, 3, local=1)
    pinged.echo(0, 32)
    pinged.echo(1, 32)
    ping6 = capture.echo(HOME6, WEB6, 1)
    ping6.echo(0, 56)
    ping6.echo(1, 56)
    return capture


def icmp_other():
    capture = Capture('icmp-other', 'ICMP that is neither echo nor error: one flow for each pair of addresses')
    clock = capture.bare(frames.ICMP, HOME, PEER)
    clock.put(0, frames.icmp(HOME, PEER, 13, 0, b'\0\1\0\1', bytes(12)), 12)
    clock.put(1, frames.icmp(PEER, HOME, 14, 0, b'\0\1\0\1', bytes(12)), 12)
    redirect = capture.bare(frames.ICMP, DNS, HOME, local=1)
    quoted = frames.ipv4(HOME, WEB, frames.UDP, frames.udp(HOME, 40001, WEB, 53, b''))
    redirect.put(0, frames.icmp(DNS, HOME, 5, 1, frames.packed(ROUTER), quoted), len(quoted))
    capture.udp(HOME, 40002, WEB, 53, service='domain').udp(0, 30)
    neighbour = capture.bare(frames.ICMPV6, HOME6, 'ff02::1:ff00:1')
    neighbour.put(0, frames.icmp(HOME6, 'ff02::1:ff00:1', 135, 0, bytes(4), frames.packed(DNS6) + bytes(8)), 24)
    return capture


def error(flow, reporter, kind, code, original, rest=bytes(4)):
    """An ICMP error about flow to its initiator: its own flow, between the reporter and the initiator."""
    victim = flow.ends[0][0]
    own = flow.capture.bare(frames.ICMPV6 if frames.is_v6(victim) else frames.ICMP, reporter, victim, local=1)
    own.put(0, frames.icmp(reporter, victim, kind, code, rest, original), len(original))


def icmp_errors():
    capture = Capture('icmp-errors', 'ICMP errors: a flow of their own between their addresses; each quotes another')

    closed = capture.udp(HOME, 40001, PEER, 33999)
    closed.udp(0, 24)
    datagram = frames.udp(*closed.ends[0], *closed.ends[1], frames.filler(24))
    error(closed, PEER, 3, 3, frames.ipv4(HOME, PEER, frames.UDP, datagram)[:28])
    syn = capture.tcp(HOME, 51514, WEB, 443, service='https', state='syn-sent')
    syn.syn()
    segment = frames.tcp(*syn.ends[0], *syn.ends[1], syn.isn[0], 0, frames.SYN)
    error(syn, ROUTER, 3, 1, frames.ipv4(HOME, WEB, frames.TCP, segment))
    trace = capture.echo(HOME, '198.51.100.9', 4711)
    trace.echo(0, 56)
    error(trace, '203.0.113.2', 11, 0, frames.ipv4(HOME, '198.51.100.9', frames.ICMP, trace.echo_message(0, 56, False))[:28])
    nothing = capture.bare(frames.ICMP, '203.0.113.3', HOME, local=1)
    nothing.put(0, frames.icmp('203.0.113.3', HOME, 3, 0, bytes(4)), 0)
    capture.udp(HOME, 40003, DNS, 53, service='domain').udp(0, 30)
    return capture


def icmpv6_errors():
    capture = Capture('icmpv6-errors', 'ICMPv6 errors: too big, port unreachable, time exceeded for an echo')
    big = capture.tcp(HOME6, 51515, WEB6, 443, service='https')
    big.handshake()
    big.data(0, 1440)
    segment = frames.tcp(*big.ends[0], *big.ends[1], big.seq[0], big.seq[1], frames.ACK, frames.filler(1000))
    error(big, ROUTER6, 2, 0, frames.ipv6(HOME6, WEB6, frames.TCP, segment)[:232], struct.pack('!I', 1280))
    closed6 = capture.udp(HOME6, 40002, DNS6, 33998)
    closed6.udp(0, 20)
    datagram = frames.udp(*closed6.ends[0], *closed6.ends[1], frames.filler(20))
    error(closed6, DNS6, 1, 4, frames.ipv6(HOME6, DNS6, frames.UDP, datagram))
    trace = capture.echo(HOME6, '2001:db8:3::9', 4711)
    trace.echo(0, 56)
    error(trace, '2001:db8:ff::2', 3, 0, frames.ipv6(HOME6, '2001:db8:3::9', frames.ICMPV6, trace.echo_message(0, 56, False)))
    return capture


def sctp():
    capture = Capture('sctp', 'SCTP associations: all chunks behind the common header are payload')
    flow = capture.sctp(HOME, 51514, PEER, 36412, service='s1-control')
    init = frames.sctp_chunk(1, 0, struct.pack('!IIHHI', 1, 65535, 5, 5, 1))
    data = frames.sctp_chunk(0, 3, struct.pack('!IHHI', 1, 0, 0, 0) + frames.filler(100))
    for sender, chunks in ((0, init), (1, frames.sctp_chunk(2, 0, struct.pack('!IIHHI', 2, 65535, 5, 5, 2))),
                           (0, data), (0, data + data), (1, frames.sctp_chunk(3, 0, struct.pack('!IIHH', 1, 65535, 0, 0)))):
        src, dst = flow.ends[sender], flow.ends[1 - sender]
        flow.put(sender, frames.sctp(src[1], dst[1], 1, chunks), len(chunks))
    v6 = capture.sctp(HOME6, 51515, WEB6, 38412, service='ng-control')
    v6.put(0, frames.sctp(51515, 38412, 0, init), len(init))
    return capture


def udplite():
    capture = Capture('udplite', 'UDP-Lite: the length field is a checksum\'s coverage, the IP length counts')
    flow = capture.udp(HOME, 40001, PEER, 49998, proto=frames.UDPLITE)
    for sender, n, coverage in ((0, 100, 8), (1, 60, 0), (0, 30, 38)):
        src, dst = flow.ends[sender], flow.ends[1 - sender]
        flow.put(sender, frames.udp(*src, *dst, frames.filler(n), length=coverage, proto=frames.UDPLITE), n)
    capture.udp(HOME6, 40002, WEB6, 49998, proto=frames.UDPLITE).udp(0, 50)
    return capture


def other_protocols():
    capture = Capture('other-protocols', 'every other protocol is a flow without ports; what a tunnel carries stays inside')
    inside = frames.ipv4('10.1.1.1', '10.1.1.2', frames.UDP, frames.udp('10.1.1.1', 40001, '10.1.1.2', 53, b'tunnelled'))
    for proto, a, b, body in ((47, HOME, PEER, b'\0\0\x08\0' + inside), (4, HOME, PEER, inside),
                              (50, HOME, PEER, bytes(64)), (89, HOME, '224.0.0.5', bytes.fromhex('0201002c') + bytes(40)),
                              (2, HOME, '224.0.0.22', bytes.fromhex('2200fa010000000103000000e00000fb')),
                              (253, HOME6, WEB6, bytes(33)), (59, HOME6, WEB6, b'')):
        flow = capture.bare(proto, a, b)
        flow.put(0, body, len(body))
        if proto == 47:
            flow.put(1, body, len(body))
    capture.tshark = {'udp': ['more', 'tshark looks into tunnels'], 'ip': ['more', 'tshark looks into tunnels']}
    return capture


def udp_lengths():
    capture = Capture('udp-lengths', 'UDP lengths that differ from the IP length: shorter, zero, longer')
    for i, (length, payload) in enumerate([(18, 10), (8, 0), (0, 40), (400, 40), (48, 40)]):
        flow = capture.udp(HOME, 40001 + i, DNS, 53, service='domain')
        flow.put(0, frames.udp(*flow.ends[0], *flow.ends[1], frames.filler(40), length=length), payload)
    for length in (1, 7):
        packet = frames.ipv4(HOME, DNS, frames.UDP, frames.udp(HOME, 40010, DNS, 53, frames.filler(40), length=length))
        capture.put(packet, undecodable='bad-transport')
    capture.tshark = {'udp': ['skip', 'tshark takes a length of 0 for an error in IPv4'], 'ip': COUNTS_UNDECODABLE}
    return capture


def offload():
    capture = Capture('offload', 'frames before segmentation: IPv4 total length 0, IPv6 payload length 0, a jumbo option')
    web = capture.tcp(HOME, 51514, WEB, 443, service='https')
    web.handshake()
    web.data(0, 70000, ip={'total': 0}, captured=128)
    web.data(1, 40000, captured=128)
    web.ack(0)
    web6 = capture.tcp(HOME6, 51515, WEB6, 443, service='https')
    web6.handshake()
    web6.data(0, 90000, ip={'length': 0}, captured=128)
    jumbo = (frames.HOP_BY_HOP, struct.pack('!BBI', 0xc2, 4, 8 + 20 + 80000))
    web6.data(0, 80000, ip={'length': 0, 'chain': [jumbo]}, captured=128)
    small = capture.udp(HOME, 40001, DNS, 53, service='domain')
    small.udp(0, 40, ip={'total': 0})
    packet = frames.ipv4(HOME, PEER, 47, bytes(40), total=0)
    capture.put(packet, undecodable='bad-network')
    capture.tshark = {'tcp': ['skip', 'tshark counts no TCP in IPv6 of payload length 0 without a jumbo option'],
                      'ip': ['more', 'tshark counts the GRE packet whose total length is 0']}
    return capture


def snapped():
    capture = Capture('snapped', 'packets cut behind their headers count with their length on the wire')
    web = capture.tcp(HOME, 51514, WEB, 443, service='https')
    web.handshake(captured=54)
    web.data(0, 517, captured=68)
    web.data(1, 1400, captured=54)
    web.data(1, 1400, captured=48)
    web.ack(0, captured=54)
    web6 = capture.tcp(HOME6, 51515, WEB6, 80, service='http')
    web6.handshake(captured=74)
    web6.data(1, 1400, captured=68)
    dns = capture.udp(HOME, 40001, DNS, 53, service='domain')
    dns.udp(0, 400, captured=38)
    dns.udp(1, 400, captured=42)
    ping = capture.echo(HOME, PEER, 4711)
    ping.echo(0, 1400, captured=40)
    sctp_flow = capture.sctp(HOME, 51516, PEER, 36412, service='s1-control')
    sctp_flow.put(0, frames.sctp(51516, 36412, 1, bytes(500)), 500, captured=38)
    gre = capture.bare(47, HOME, PEER)
    gre.put(0, bytes(300), 300, captured=34)
    cut_header = ['skip', 'tshark counts no packet whose transport header is cut, though its ports are there']
    capture.tshark = {'tcp': cut_header, 'udp': cut_header, 'sctp': cut_header}
    return capture


def cut():
    capture = Capture('cut', 'the capture ends inside a header that is needed, at every layer')
    flow = capture.udp(HOME, 40001, DNS, 53, service='domain')
    flow.udp(0, 40)
    udp = frames.ipv4(HOME, DNS, frames.UDP, frames.udp(HOME, 40002, DNS, 53, frames.filler(40)))
    tcp = frames.ipv4(HOME, WEB, frames.TCP, frames.tcp(HOME, 51514, WEB, 443, 1, 0, frames.SYN))
    echo = frames.ipv4(HOME, PEER, frames.ICMP, frames.icmp(HOME, PEER, 8, 0, b'\0\1\0\1', bytes(56)))
    options = frames.ipv4(HOME, DNS, frames.UDP, frames.udp(HOME, 40003, DNS, 53, b'x'), options=b'\x01' * 20)
    chain = [(frames.HOP_BY_HOP, frames.pad_options(6))]
    v6 = frames.ipv6(HOME6, DNS6, frames.UDP, frames.udp(HOME6, 40004, DNS6, 53, b'x'), chain=chain)
    for packet, captured, reason in ((udp, 0, 'cut-link'), (udp, 13, 'cut-link'), (udp, 14, 'cut-network'),
                                     (udp, 33, 'cut-network'), (udp, 34, 'cut-transport'), (udp, 37, 'cut-transport'),
                                     (tcp, 40, 'cut-transport'), (tcp, 47, 'cut-transport'), (echo, 36, 'cut-transport'),
                                     (echo, 39, 'cut-transport'), (options, 50, 'cut-network'), (v6, 50, 'cut-network'),
                                     (v6, 54, 'cut-network'), (v6, 61, 'cut-network'), (v6, 62, 'cut-transport')):
        capture.put(packet, undecodable=reason, captured=captured)
    capture.put(udp, undecodable='cut-link', captured=16, tags=[(0x8100, 5)])
    capture.tshark = {'ip': COUNTS_UNDECODABLE, 'ipv6': COUNTS_UNDECODABLE}
    return capture


def bad():
    capture = Capture('bad', 'headers that contradict themselves, counted by reason')
    good = capture.udp(HOME, 40001, DNS, 53, service='domain')
    good.udp(0, 40)
    packet = frames.ipv4(HOME, DNS, frames.UDP, frames.udp(HOME, 40002, DNS, 53, frames.filler(40)))
    segment = bytearray(frames.tcp(HOME, 51514, WEB, 443, 1, 0, frames.SYN))
    for mend, reason in ((lambda p: b'\x44' + p[1:], 'bad-network'), (lambda p: b'\x55' + p[1:], 'bad-network'),
                         (lambda p: p[:2] + b'\0\x13' + p[4:], 'bad-network'),
                         (lambda p: p[:2] + b'\0\x1b' + p[4:], 'bad-transport')):
        capture.record(frames.ethernet(mend(packet), ethertype=0x0800), undecodable=reason)
    capture.record(frames.ethernet(packet[:12], ethertype=0x0800), undecodable='bad-network')
    for offset in (0x40, 0x60):
        segment[12] = offset
        capture.put(frames.ipv4(HOME, WEB, frames.TCP, bytes(segment)), undecodable='bad-transport')
    capture.put(frames.ipv4(HOME, WEB, frames.TCP, bytes(segment[:19])), undecodable='bad-transport')
    capture.put(frames.ipv4(HOME, PEER, frames.ICMP, b'\x08\0\0'), undecodable='bad-transport')
    capture.put(frames.ipv6(HOME6, DNS6, frames.DESTINATION, b'\x11\x05' + bytes(6)), undecodable='bad-network')
    longer = capture.udp(HOME, 40005, DNS, 53, service='domain')
    longer.udp(0, 40, ip={'total': 1000})
    capture.tshark = {'ip': COUNTS_UNDECODABLE, 'tcp': ['more', 'from 4.6 on tshark counts segments with bad headers, too']}
    return capture


SCENARIOS = [ipv4_options, ipv6_extensions, fragments_v4, fragments_v4_out_of_order, fragments_v6, icmp_echo, icmp_other,
             icmp_errors, icmpv6_errors, sctp, udplite, other_protocols, udp_lengths, offload, snapped, cut, bad]
