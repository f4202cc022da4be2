"""What a capture holds, kept while it is made: each frame is credited, when it is put, either to an end of a flow or to a
reason why it has none. The expected result is the sum of these credits and of what the scenario says (who initiated, who
is local, the state at the end); no decoder has a part in it."""
import ipaddress
import json

import capture_files
import frames
from frames import ACK, FIN, PSH, RST, SYN

START_NS = 1700000000 * 10 ** 9

PROTO_NAMES = {1: 'icmp', 2: 'igmp', 4: 'ipip', 6: 'tcp', 17: 'udp', 47: 'gre', 50: 'esp', 58: 'icmpv6',
               59: 'ipv6-nonxt', 89: 'ospf', 132: 'sctp', 136: 'udplite', 253: 'ip-253'}

REASONS = ('link-type', 'not-ip', 'cut-link', 'cut-network', 'cut-transport', 'bad-network', 'bad-transport',
           'too-many-headers', 'stray-fragment', 'bad-record')


def range_of(port):
    """RFC 6335 section 6."""
    return 'well-known' if port <= 1023 else 'registered' if port <= 49151 else 'dynamic'


class Flow:
    """One expected flow between end 0 (the first sender, unless said otherwise) and end 1."""

    def __init__(self, capture, proto, ends, kind='ports', local=0, initiator=0, state='active', service=None,
                 roles=None, iface=None):
        self.capture, self.proto, self.ends, self.kind = capture, proto, ends, kind
        self.local, self.initiator, self.state, self.service, self.iface = local, initiator, state, service, iface
        self.roles, self.service_by_end = roles, {}
        self.counts = [[0, 0, 0], [0, 0, 0]]
        self.first_ns = self.last_ns = None
        self.ident = 0x1000 * (len(capture.flows) + 1)
        capture.flows.append(self)

    def addr(self, end):
        return self.ends[end][0]

    def credit(self, sender, wire, payload, time_ns):
        for i, n in enumerate((1, wire, payload)):
            self.counts[sender][i] += n
        self.first_ns = time_ns if self.first_ns is None else min(time_ns, self.first_ns)
        self.last_ns = time_ns if self.last_ns is None else max(time_ns, self.last_ns)

    def ip(self, sender, segment, proto=None, **how):
        """An IP packet of this flow around segment."""
        src, dst = self.addr(sender), self.addr(1 - sender)
        proto = self.proto if proto is None else proto
        if frames.is_v6(src):
            return frames.ipv6(src, dst, proto, segment, **how)
        self.ident += 1
        how.setdefault('ident', self.ident & 0xffff)
        return frames.ipv4(src, dst, proto, segment, **how)

    def put(self, sender, segment, payload, ip=None, **how):
        """Sends one packet; payload is how much of it is transport payload. ip: extra arguments of the IP header."""
        self.capture.put(self.ip(sender, segment, **(ip or {})), flow=self, sender=sender, payload=payload, **how)

    def udp(self, sender, n, **how):
        src, dst = self.ends[sender], self.ends[1 - sender]
        self.put(sender, frames.udp(*src, *dst, frames.filler(n), proto=self.proto), n, **how)

    def echo(self, sender, n, reply=None, ident=None, sequence=1, **how):
        """An ICMP echo: a request of end 0, a reply of end 1, unless reply says otherwise."""
        reply = sender == 1 if reply is None else reply
        self.put(sender, self.echo_message(sender, n, reply, sequence), n, **how)

    def echo_message(self, sender, n, reply, sequence=1):
        v6 = frames.is_v6(self.addr(0))
        kind = (129 if v6 else 0) if reply else (128 if v6 else 8)
        rest = self.ends[0][1].to_bytes(2, 'big') + sequence.to_bytes(2, 'big')
        return frames.icmp(self.addr(sender), self.addr(1 - sender), kind, 0, rest, frames.filler(n))

    def fragments(self, sender, segment, header_bytes, sizes, order=None, chain=(), per_fragment=(), proto=None):
        """segment in fragments of sizes, sent in order. A fragment before the first is stray: its ports are not known yet.
        header_bytes: of the transport header, all in the first. chain: IPv6 headers in the fragmentable part;
        per_fragment: those before the fragment header."""
        assert sum(sizes) == len(segment) and all(n % 8 == 0 for n in sizes[:-1])
        v6 = frames.is_v6(self.addr(sender))
        ident = self.ident = self.ident + 1
        joins = self.kind == 'bare'  # its addresses are enough
        for i in order if order is not None else range(len(sizes)):
            offset, more = sum(sizes[:i]), i < len(sizes) - 1
            piece = segment[offset:offset + sizes[i]]
            if v6:
                body = frames.fragment_body(offset, more, 0x10000 + ident)
                extra = {'chain': list(per_fragment) + [(frames.FRAGMENT, body)]}
            else:
                extra = {'ident': ident & 0xffff, 'flags': (0x2000 if more else 0) | offset // 8}
            packet = self.ip(sender, piece, proto=proto, **extra)
            joins = joins or i == 0
            if joins:
                self.capture.put(packet, flow=self, sender=sender, payload=sizes[i] - (header_bytes if i == 0 else 0))
            else:
                self.capture.put(packet, undecodable='stray-fragment', sender=sender, local=self.local)

    def end_facts(self, end):
        addr, port = self.ends[end]
        facts = {'addr': str(ipaddress.ip_address(addr))}
        if self.kind == 'ports':
            facts.update(port=port, range=range_of(port))
            role = self.role(end)
            if role is not None:
                facts['role'] = role
            service = self.service_by_end.get(end, self.service)
            if role in ('service', 'listening') and service is not None:
                facts['service'] = service
        return facts

    def role(self, end):
        if self.roles is not None:
            return self.roles[end]
        if self.initiator is None:
            return None
        if end == self.initiator:
            return 'temporary'
        return 'listening' if end == self.local else 'service'

    def facts(self):
        def counted(end):
            return dict(zip(('packets', 'bytes', 'payload_bytes'), self.counts[end]))
        initiator = 'unknown' if self.initiator is None else 'local' if self.initiator == self.local else 'remote'
        facts = {'proto': PROTO_NAMES[self.proto]}
        if self.iface is not None:
            facts['iface'] = self.iface
        facts.update(local=self.end_facts(self.local), remote=self.end_facts(1 - self.local), initiator=initiator,
                     out=counted(self.local))
        facts['in'] = counted(1 - self.local)
        facts.update(first_us=self.first_ns // 1000, last_us=self.last_ns // 1000, state=self.state)
        return facts


class TcpFlow(Flow):
    """Keeps sequence numbers, so that other tools agree on what is a new connection."""

    def __init__(self, capture, ends, isn=None, **how):
        super().__init__(capture, frames.TCP, ends, **{'state': 'established', **how})
        self.isn = [1000 * len(capture.flows), 5000 * len(capture.flows)] if isn is None else list(isn)
        self.seq = list(self.isn)

    def segment(self, sender, flags, n=0, options=b'', **how):
        src, dst = self.ends[sender], self.ends[1 - sender]
        ack = self.seq[1 - sender] if flags & ACK else 0
        data = frames.tcp(*src, *dst, self.seq[sender], ack, flags, frames.filler(n), options)
        self.put(sender, data, n, **how)
        self.seq[sender] += n + bool(flags & SYN) + bool(flags & FIN)

    def syn(self, **how):
        self.segment(0, SYN, options=b'\x02\x04\x05\xb4\x01\x03\x03\x07', **how)

    def repeat_syn(self, **how):
        self.seq[0] = self.isn[0]
        self.syn(**how)

    def syn_ack(self, **how):
        self.segment(1, SYN | ACK, options=b'\x02\x04\x05\xb4', **how)

    def ack(self, sender, **how):
        self.segment(sender, ACK, **how)

    def data(self, sender, n, **how):
        self.segment(sender, PSH | ACK, n, **how)

    def fin(self, sender, **how):
        self.segment(sender, FIN | ACK, **how)

    def rst(self, sender, with_ack=True, **how):
        self.segment(sender, RST | (ACK if with_ack else 0), **how)

    def handshake(self, **how):
        self.syn(**how)
        self.syn_ack(**how)
        self.ack(0, **how)

    def close(self, first=0, **how):
        self.fin(first, **how)
        self.ack(1 - first, **how)
        self.fin(1 - first, **how)
        self.ack(first, **how)
        self.state = 'closed'

    def talk(self, request=20, answer=70, **how):
        self.handshake(**how)
        self.data(0, request, **how)
        self.data(1, answer, **how)
        self.ack(0, **how)


class Capture:
    """One capture file and what it should read as."""

    def __init__(self, name, about, link=frames.ETHERNET, suffix='.pcap', write=None, args=(), status=0, tshark=None):
        self.name, self.about, self.link, self.args, self.status = name, about, link, list(args), status
        self.file = name + suffix
        self.write = write or (lambda records: capture_files.pcap(records, link))
        self.tshark = tshark or {}
        self.records, self.flows, self.undecodable = [], [], {}
        self.interface_dropped = None
        self.clock_ns, self.step_ns = START_NS, 1250000
        self.links = {0: link}

    # Flows
    def tcp(self, a, a_port, b, b_port, **how):
        return TcpFlow(self, ((a, a_port), (b, b_port)), **how)

    def udp(self, a, a_port, b, b_port, proto=frames.UDP, **how):
        return Flow(self, proto, ((a, a_port), (b, b_port)), **how)

    def sctp(self, a, a_port, b, b_port, **how):
        return Flow(self, frames.SCTP, ((a, a_port), (b, b_port)), **how)

    def echo(self, a, b, ident, **how):
        proto = frames.ICMPV6 if frames.is_v6(a) else frames.ICMP
        return Flow(self, proto, ((a, ident), (b, ident)), kind='echo', **how)

    def bare(self, proto, a, b, **how):
        return Flow(self, proto, ((a, 0), (b, 0)), kind='bare', **how)

    # Frames
    def wait(self, seconds):
        self.clock_ns += int(seconds * 10 ** 9)

    def wrap(self, packet, iface, outgoing, tags=(), pad_to=0, wrapper=None, packet_type=None, ifindex=1, order='<',
             family_v6=30):
        link = self.links[iface]
        packet_type = (4 if outgoing else 0) if packet_type is None else packet_type
        if wrapper is not None:
            return wrapper(packet)
        if link == frames.ETHERNET:
            return frames.ethernet(packet, tags=tags, pad_to=pad_to)
        if link == frames.SLL:
            return frames.sll(packet, packet_type)
        if link == frames.SLL2:
            return frames.sll2(packet, packet_type, ifindex)
        if link in (frames.NULL, frames.LOOP):
            return frames.null(packet, order, family_v6)
        return packet

    def put(self, packet, flow=None, sender=0, payload=0, undecodable=None, local=0, iface=0, captured=None, wire=None,
            **how):
        """Wraps packet and records it. captured: bytes kept; wire: the length on the wire where the frame here is shorter."""
        local = flow.local if flow is not None else local
        self.record(self.wrap(packet, iface, sender == local, **how), flow, sender, payload, undecodable, iface, captured,
                    wire)

    def record(self, frame, flow=None, sender=0, payload=0, undecodable=None, iface=0, captured=None, wire=None):
        """Records a whole frame, credited to flow's sender or to a reason."""
        assert (flow is None) != (undecodable is None), 'each frame is credited once'
        wire = len(frame) if wire is None else wire
        captured = len(frame) if captured is None else captured
        assert captured <= len(frame) and captured <= wire
        self.records.append((self.clock_ns, frame[:captured], wire, iface))
        if flow is not None:
            flow.credit(sender, wire, payload, self.clock_ns)
        else:
            assert undecodable in REASONS
            self.undecodable[undecodable] = self.undecodable.get(undecodable, 0) + 1
        self.clock_ns += self.step_ns

    # Results
    def facts(self):
        flows = [flow.facts() for flow in self.flows if flow.first_ns is not None]
        return {
            'about': self.about,
            'file': self.file,
            'args': self.args,
            'status': self.status,
            'tshark': self.tshark,
            'flows': flows,
            'summary': self.summary(flows),
        }

    def summary(self, flows):
        both = [flow[way] for flow in flows for way in ('out', 'in')]
        nothing = {'flows': 0, 'packets': 0, 'bytes': 0, 'payload_bytes': 0}
        totals = {key: sum(way[key] for way in both) for key in ('packets', 'bytes', 'payload_bytes')}
        assert totals['packets'] + sum(self.undecodable.values()) == len(self.records)
        return {
            'shown': len(flows),
            'not_shown': 0,
            'totals': {'flows': len(flows), **totals},
            'received': len(self.records),
            'first_us': min((record[0] for record in self.records), default=0) // 1000,
            'last_us': max((record[0] for record in self.records), default=0) // 1000,
            'dropped': {'kernel': None, 'interface': self.interface_dropped, 'questions': 0},
            'undecodable_total': sum(self.undecodable.values()),
            'undecodable': {reason: self.undecodable.get(reason, 0) for reason in REASONS},
            'others': nothing,
            'ended': nothing,
        }

    def files(self):
        """{name: bytes} of the capture and its expected result."""
        facts = self.facts()
        flows = ',\n'.join('  ' + json.dumps(flow) for flow in facts.pop('flows'))
        lines = ',\n'.join(' %s: %s' % (json.dumps(key), json.dumps(value)) for key, value in facts.items())
        text = '{\n%s,\n "flows": [\n%s\n ]\n}\n' % (lines, flows)
        return {self.file: self.write(self.records), self.name + '.json': text.encode()}
