"""Captures for the lives of TCP connections, for idle flows, and for which end is local."""
import frames
from facts import Capture
from scenarios_link import DNS, HOME, HOME6, PEER, WEB, WEB6

ACK, FIN, PSH, RST, SYN = frames.ACK, frames.FIN, frames.PSH, frames.RST, frames.SYN


def tcp_states():
    capture = Capture('tcp-states', 'a connection left in every state')
    sent = capture.tcp(HOME, 51501, WEB, 443, service='https', state='syn-sent')
    sent.syn()
    sent.repeat_syn()
    sent.repeat_syn()
    received = capture.tcp(HOME, 51502, WEB, 443, service='https', state='syn-received')
    received.syn()
    received.syn_ack()
    established = capture.tcp(HOME, 51503, WEB, 443, service='https')
    established.handshake()
    by_data = capture.tcp(HOME, 51504, WEB, 443, service='https')
    by_data.syn()
    by_data.syn_ack()
    by_data.data(0, 100)
    half = capture.tcp(HOME, 51505, WEB, 443, service='https', state='fin-wait')
    half.talk()
    half.fin(0)
    half.ack(1)
    half.data(1, 90)
    closed = capture.tcp(HOME, 51506, WEB, 443, service='https')
    closed.talk()
    closed.close(first=1)
    at_once = capture.tcp(HOME, 51507, WEB, 443, service='https', state='closed')
    at_once.handshake()
    at_once.fin(0)
    at_once.fin(1)
    at_once.ack(0)
    reset = capture.tcp(HOME, 51508, WEB, 443, service='https', state='reset')
    reset.talk()
    reset.rst(1)
    late = capture.tcp(HOME, 51509, WEB, 443, service='https', state='reset')
    late.talk()
    late.fin(1)
    late.rst(0, with_ack=False)
    return capture


def tcp_refused():
    capture = Capture('tcp-refused', 'nothing listens: the first SYN is answered by a reset, in both versions')
    for i, (home, far) in enumerate(((HOME, PEER), (HOME6, WEB6))):
        refused = capture.tcp(home, 51514 + i, far, 8081, service='sunproxyadmin', state='reset')
        refused.syn()
        refused.rst(1)
    again = capture.tcp(HOME, 51520, PEER, 8082, service='us-cli', state='reset')
    again.syn()
    again.repeat_syn()
    again.rst(1)
    return capture


def tcp_midstream():
    capture = Capture('tcp-midstream', 'connections older than the capture: a service\'s port tells who called, or else nothing')
    running = capture.tcp(HOME, 51514, WEB, 443, service='https')
    running.data(0, 100)
    running.data(1, 100)
    running.ack(0)
    answer = capture.tcp(HOME, 51515, PEER, 443, service='https')
    answer.seq[0] += 1
    answer.syn_ack()
    answer.ack(0)
    answer.data(0, 10)
    inward = capture.tcp(PEER, 50022, HOME, 22, local=1, service='ssh')
    inward.data(1, 60)
    inward.ack(0)
    unclear = capture.tcp(HOME, 50001, PEER, 49998, initiator=None)
    unclear.data(0, 60)
    unclear.data(1, 30)
    ending = capture.tcp(HOME, 51516, '203.0.113.80', 443, service='https')
    ending.data(1, 40)
    ending.close()
    dying = capture.tcp(HOME, 51517, '203.0.113.81', 443, service='https', state='reset')
    dying.data(0, 40)
    dying.rst(1)
    return capture


def tcp_port_reuse():
    capture = Capture('tcp-port-reuse', 'a new ISN on a closed or reset tuple is a new flow; a repeated SYN is not')
    first = capture.tcp(HOME, 51514, WEB, 443, service='https', isn=(1000, 2000))
    first.talk()
    first.close()
    second = capture.tcp(HOME, 51514, WEB, 443, service='https', isn=(900000, 800000))
    second.talk(50, 70)
    second.rst(0)
    second.state = 'reset'
    third = capture.tcp(HOME, 51514, WEB, 443, service='https', isn=(2000000000, 1900000000))
    third.syn()
    third.repeat_syn()
    third.syn_ack()
    third.ack(0)
    refused = capture.tcp(HOME, 51515, PEER, 8081, service='sunproxyadmin', isn=(5, 0), state='reset')
    refused.syn()
    refused.rst(1)
    retried = capture.tcp(HOME, 51515, PEER, 8081, service='sunproxyadmin', isn=(77777, 0), state='reset')
    retried.syn()
    retried.rst(1)
    return capture


def tcp_payload():
    capture = Capture('tcp-payload', 'payload is what travelled: sent again counts again, a SYN may carry some, probes one byte')
    web = capture.tcp(HOME, 51514, WEB, 443, service='https')
    web.segment(0, SYN, 50, options=b'\x22\x0a' + bytes(8) + b'\x01\x01')
    web.syn_ack()
    web.ack(0)
    web.data(0, 100)
    web.seq[0] -= 100
    web.data(0, 100)
    web.seq[0] -= 1
    web.segment(0, ACK, 1)
    web.ack(1)
    web.segment(1, PSH | ACK | 0x20, 3)
    web.data(1, 48)
    options = capture.tcp(HOME, 51515, PEER, 443, service='https')
    options.segment(0, SYN, options=b'\x02\x04\x05\xb4\x04\x02\x08\x0a' + bytes(8) + b'\x01\x03\x03\x07' + bytes(20))
    options.syn_ack()
    options.segment(0, ACK | PSH, 17, options=b'\x01\x01\x08\x0a' + bytes(8))
    return capture


def udp_idle():
    capture = Capture('udp-idle', 'flows without a lifecycle are idle after ten seconds, TCP is not')
    old = capture.udp(HOME, 40001, DNS, 53, service='domain', state='idle')
    old.udp(0, 40)
    old.udp(1, 80)
    ping = capture.echo(HOME, PEER, 1, state='idle')
    ping.echo(0, 56)
    quiet = capture.tcp(HOME, 51514, WEB, 443, service='https')
    quiet.talk()
    capture.wait(9.5)
    recent = capture.udp(HOME, 40002, DNS, 53, service='domain')
    recent.udp(0, 40)
    capture.wait(9)
    now = capture.udp(HOME, 40003, DNS, 53, service='domain')
    now.udp(0, 40)
    now.udp(1, 80)
    return capture


def local_by_count():
    capture = Capture('local-by-count', 'the address in most flows is local, also where it was called')
    for i in range(5):
        called = capture.tcp('198.51.100.%d' % (10 + i), 50000 + i, HOME, 22, local=1, service='ssh')
        called.talk(10, 20)
    own = capture.tcp(HOME, 51514, '198.51.100.10', 443, service='https')
    own.talk()
    others = capture.udp('198.51.100.10', 50000, '198.51.100.11', 49999)
    others.udp(0, 10)
    return capture


def local_by_argument():
    capture = Capture('local-by-argument', 'local by --local, though another address takes part in more flows',
                      args=['--local', '198.51.100.0/29', '--local', '2001:db8:1::20'])
    for i in range(4):
        flow = capture.udp('198.51.100.%d' % (1 + i), 50000 + i, DNS, 53, service='domain')
        flow.udp(0, 30)
        flow.udp(1, 60)
    back = capture.udp(DNS, 50010, '198.51.100.7', 514, local=1, service='syslog')
    back.udp(0, 99)
    outside = capture.udp('198.51.100.8', 50020, DNS, 53, service='domain')
    outside.udp(0, 30)
    six = capture.tcp(WEB6, 50030, HOME6, 22, local=1, service='ssh')
    six.talk()
    return capture


def many_flows():
    capture = Capture('many-flows', 'twenty flows, interleaved')
    flows = [capture.tcp(HOME, 51000 + i, '203.0.113.%d' % (i % 9 + 1), 443, service='https') for i in range(12)]
    flows += [capture.udp(HOME, 40000 + i, DNS, 53, service='domain') for i in range(8)]
    for flow in flows[:12]:
        flow.syn()
    for flow in flows[12:]:
        flow.udp(0, 30)
    for flow in reversed(flows[:12]):
        flow.syn_ack()
    for i, flow in enumerate(flows[12:]):
        flow.udp(1, 20 + i)
    for i, flow in enumerate(flows[:12]):
        flow.ack(0)
        flow.data(0, 10 + i)
    return capture


SCENARIOS = [tcp_states, tcp_refused, tcp_midstream, tcp_port_reuse, tcp_payload, udp_idle, local_by_count,
             local_by_argument, many_flows]
