"""Which names portlight-report gives the other ends of flows: from the answers of DNS and from how TLS begins, in files."""
import os
import struct
import sys
import tempfile

from names_traffic import client_hello, dns_answer, dns_question, quic_initials
from report_tests import ACK, FIN, SYN, equal, frame, ipv4, pcap, run, run_tests, tcp, true, udp

PROGRAM = sys.argv[1]
SCRATCH = tempfile.TemporaryDirectory()
US, RESOLVER, HOST, OTHER, THIRD = "192.0.2.10", "192.0.2.53", "198.51.100.7", "198.51.100.8", "198.51.100.9"
T0 = 1700000000000000


class Traffic:
    """Packets, a millisecond apart."""

    def __init__(self):
        self.packets = []

    def add(self, src, dst, proto, segment):
        self.packets.append((T0 + 1000 * len(self.packets), frame(src, dst, proto, segment)))

    def ask(self, name, ident=1, port=40000):
        self.add(US, RESOLVER, 17, udp(port, 53, dns_question(ident, name)))

    def answer(self, name, *records, ident=1, port=40000):
        self.add(RESOLVER, US, 17, udp(53, port, dns_answer(ident, name, *records)))

    def look_up(self, name, *addresses, port=40000):
        self.ask(name, port=port)
        self.answer(name, *((name, address) for address in addresses), port=port)

    def connect(self, port, host=HOST, *payloads, to=443):
        self.add(US, host, 6, tcp(port, to, SYN, 100))
        self.add(host, US, 6, tcp(to, port, SYN | ACK, 500, 101))
        seq = 101
        for payload in payloads:
            self.add(US, host, 6, tcp(port, to, ACK, seq, 501, payload))
            seq += len(payload)
        return seq

    def names(self):
        """Of each connection, by its local port."""
        with tempfile.NamedTemporaryFile(dir=SCRATCH.name, suffix=".pcap") as file:
            file.write(pcap(self.packets))
            file.flush()
            flows, summary = run(PROGRAM, "--format", "jsonl", "--local", US, file.name).fine().flows()
        equal(summary["names_lost"], 0)
        equal([flow for flow in flows if "name" in flow["local"]], [])
        return {flow["local"]["port"]: (flow["remote"].get("name"), flow["remote"].get("name_source"))
                for flow in flows if flow["remote"]["port"] != 53}


def test_tls_names_the_connection():
    traffic = Traffic()
    traffic.connect(50001, HOST, client_hello("Shop.Example"))
    traffic.connect(50002, HOST, client_hello("blog.example"))
    traffic.connect(50003, HOST, b"GET / HTTP/1.1\r\n")
    equal(traffic.names(), {50001: ("shop.example", "tls"), 50002: ("blog.example", "tls"), 50003: (None, None)})


def test_hello_in_two_segments():
    """With keys against quantum computers it does not fit in one."""
    hello = client_hello("shop.example", 1300)
    traffic = Traffic()
    traffic.connect(50001, HOST, hello[:1300], hello[1300:])
    traffic.connect(50002, HOST, hello[:700], hello[700:1200], hello[1200:])
    traffic.connect(50003, HOST, hello[:1300])  # the rest of another's does not complete it
    seq = traffic.connect(50004, HOST, hello[:1300])
    traffic.add(US, HOST, 6, tcp(50004, 443, ACK, seq + 5, 501, hello[1300:]))  # a hole between
    equal(traffic.names(), {50001: ("shop.example", "tls"), 50002: ("shop.example", "tls"), 50003: (None, None),
                            50004: (None, None)})


def test_hello_without_end():
    """One that goes on for longer than any does is let go of."""
    traffic = Traffic()
    for port, padding in ((50001, 3900), (50002, 4200)):
        hello = client_hello("shop.example", padding)
        traffic.connect(port, HOST, *(hello[at:at + 1300] for at in range(0, len(hello), 1300)))
    equal(traffic.names(), {50001: ("shop.example", "tls"), 50002: (None, None)})


def test_through_a_proxy():
    """The proxy is not called what it is asked for; STARTTLS is said to who was called."""
    traffic = Traffic()
    hello = client_hello("bank.example")
    traffic.connect(50001, HOST, b"CONNECT bank.example:443 HTTP/1.1\r\n\r\n", hello, to=3128)
    traffic.connect(50002, HOST, b"\5\1\0", b"\5\1\0\3\x0cbank.example\1\xbb", hello, to=1080)
    traffic.connect(50003, HOST, b"\4\1\1\xbb\0\0\0\1\0bank.example\0", hello, to=1080)
    traffic.connect(50004, HOST, b"EHLO me\r\n", b"STARTTLS\r\n", hello, to=587)
    equal(traffic.names(), {50001: (None, None), 50002: (None, None), 50003: (None, None), 50004: ("bank.example", "tls")})


def test_dns_names_what_begins_later():
    traffic = Traffic()
    traffic.connect(50001)
    traffic.look_up("shop.example", HOST, OTHER)
    traffic.connect(50002)
    traffic.connect(50003, OTHER)
    traffic.look_up("blog.example", HOST)
    traffic.connect(50004)
    equal(traffic.names(), {50001: (None, None), 50002: ("shop.example", "dns"), 50003: ("shop.example", "dns"),
                            50004: ("blog.example", "dns")})


def test_dns_over_tcp():
    """A message is behind its length there; several are in one segment, and the last one may go on in the next."""
    def sized(*messages):
        return b"".join(struct.pack(">H", len(message)) + message for message in messages)

    traffic = Traffic()
    names = {1: "shop.example", 2: "blog.example", 3: "long.example"}
    questions = sized(*(dns_question(ident, name) for ident, name in names.items()))
    answers = sized(dns_answer(1, names[1], (names[1], HOST)), dns_answer(2, names[2], (names[2], OTHER)),
                    dns_answer(3, names[3], (names[3], THIRD), *((names[3], "192.0.2.%d" % i) for i in range(99, 199))))
    seq = traffic.connect(40000, RESOLVER, questions, to=53)
    traffic.add(RESOLVER, US, 6, tcp(53, 40000, ACK, 501, seq, answers[:1400]))
    traffic.add(RESOLVER, US, 6, tcp(53, 40000, ACK, 1901, seq, answers[1400:]))
    traffic.connect(40001, RESOLVER, to=53)
    traffic.add(RESOLVER, US, 6, tcp(53, 40001, ACK, 501, 101, sized(dns_answer(1, "bank.example", ("bank.example", HOST)))))
    for port, host in ((50001, HOST), (50002, OTHER), (50003, THIRD)):
        traffic.connect(port, host)
    equal(traffic.names(), {50001: (names[1], "dns"), 50002: (names[2], "dns"), 50003: (names[3], "dns")})


def test_late_answer():
    """No resolver waits for half a minute: what comes then is of somebody else."""
    def named(after_s):
        packets = [(0, 17, US, RESOLVER, udp(40000, 53, dns_question(1, "shop.example"))),
                   (after_s, 17, RESOLVER, US, udp(53, 40000, dns_answer(1, "shop.example", ("shop.example", HOST)))),
                   (60, 6, US, HOST, tcp(50001, 443, SYN, 100))]
        traffic = Traffic()
        traffic.packets = [(T0 + 1000000 * at, frame(src, dst, proto, data)) for at, proto, src, dst, data in packets]
        return traffic.names()[50001][0]

    equal([named(29), named(31)], ["shop.example", None])


def test_begun_before_the_capture():
    """What is first seen in its middle may be older than the answer."""
    traffic = Traffic()
    traffic.look_up("shop.example", HOST)
    traffic.add(US, HOST, 6, tcp(50001, 443, ACK, 101, 501, b"x"))
    traffic.connect(50002)
    traffic.add(US, HOST, 6, tcp(50003, 443, ACK, 101, 501, client_hello("blog.example")))
    equal(traffic.names(), {50001: (None, None), 50002: ("shop.example", "dns"), 50003: ("blog.example", "tls")})


def test_site_and_not_its_cdn():
    traffic = Traffic()
    traffic.ask("www.shop.example")
    traffic.answer("www.shop.example", ("www.shop.example", "e77.cdn.example"), ("e77.cdn.example", HOST))
    traffic.connect(50001)
    equal(traffic.names(), {50001: ("www.shop.example", "dns")})


def test_tls_counts_more_than_dns():
    traffic = Traffic()
    traffic.look_up("cdn.example", HOST)
    traffic.connect(50001, HOST, client_hello("shop.example"))
    equal(traffic.names(), {50001: ("shop.example", "tls")})


def test_nobody_names_who_was_not_asked():
    """An answer without a question, to another one, from elsewhere or a second time names nobody; nor do names in it that were not asked for."""
    traffic = Traffic()
    traffic.answer("bank.example", ("bank.example", HOST))
    traffic.ask("shop.example", ident=1)
    traffic.answer("shop.example", ("shop.example", HOST), ident=2)
    traffic.answer("bank.example", ("bank.example", HOST), ident=1)
    traffic.answer("shop.example", ("shop.example", HOST), ident=1, port=40001)
    traffic.add(OTHER, US, 17, udp(53, 40000, dns_answer(1, "shop.example", ("shop.example", HOST))))
    traffic.connect(50001)
    traffic.answer("shop.example", ("bank.example", HOST), ("shop.example", OTHER))
    traffic.answer("shop.example", ("shop.example", HOST))
    traffic.connect(50002)
    traffic.connect(50003, OTHER)
    equal(traffic.names(), {50001: (None, None), 50002: (None, None), 50003: ("shop.example", "dns")})


def cooked(direction, ifindex, src, dst, segment):
    """A datagram as “any” captures it."""
    return struct.pack(">HHIHBB8s", 0x0800, 0, ifindex, 1, direction, 6, bytes(8)) + ipv4(src, dst, 17, segment)


def test_who_asks_and_answers():
    """Somebody on the network who sends question and answer both, as if from here and the resolver, names nobody. On the
    loopback all comes in."""
    def named(asked, answered, ifindex=2):
        question, answer = dns_question(1, "bank.example"), dns_answer(1, "bank.example", ("bank.example", HOST))
        packets = [cooked(asked, ifindex, US, RESOLVER, udp(40000, 53, question)),
                   cooked(answered, ifindex, RESOLVER, US, udp(53, 40000, answer)),
                   cooked(OUT, 2, US, HOST, udp(50001, 443, b"x"))]
        data = pcap([(T0 + 1000 * i, packet) for i, packet in enumerate(packets)], linktype=276)
        flows, _ = run(PROGRAM, "--format", "jsonl", "--local", US, "-", data=data).fine().flows()
        return [flow["remote"].get("name") for flow in flows if flow["local"]["port"] == 50001]

    IN, OUT = 0, 4
    equal(named(OUT, IN), ["bank.example"])
    equal(named(IN, OUT), ["bank.example"])
    equal(named(IN, IN, ifindex=1), ["bank.example"])
    equal(named(IN, IN), [None])


def test_quic():
    """Chromium's two first packets have the name in pieces; one without the other has none, nor have two of different flows."""
    first, second = quic_initials()
    traffic = Traffic()
    for port, payloads in ((50001, (first, second)), (50002, (second, first)), (50003, (first,)), (50004, (second,)),
                           (50005, (first, first, second, second)), (50006, (first, second[:-1]))):
        for payload in payloads:
            traffic.add(US, HOST, 17, udp(port, 443, payload))
    named = ("shop.example", "tls")
    equal(traffic.names(), {50001: named, 50002: named, 50003: (None, None), 50004: (None, None), 50005: named,
                            50006: (None, None)})


def test_quic_calls_here():
    """It is this computer then that was called so. Of very many a second the rest is counted; what is sent from here is read."""
    initials, n_lost = quic_initials(), 100
    packets = [cooked(4, 2, US, HOST, udp(50001, 443, payload)) for payload in initials]
    packets[1:1] = [cooked(0, 2, HOST, US, udp(443, 50002, payload)) for payload in initials * (500 + n_lost // 2)]
    data = pcap([(T0 + i, packet) for i, packet in enumerate(packets)], linktype=276)
    flows, summary = run(PROGRAM, "--format", "jsonl", "--local", US, "-", data=data).fine().flows()
    equal({flow["local"]["port"]: flow["remote"].get("name") for flow in flows}, {50001: "shop.example", 50002: None})
    equal(summary["names_lost"], n_lost)


def test_port_used_again():
    """A name is its connection's, not the next one's of the same ports."""
    traffic = Traffic()
    seq = traffic.connect(50001, HOST, client_hello("shop.example"))
    traffic.add(US, HOST, 6, tcp(50001, 443, FIN | ACK, seq, 501))
    traffic.add(HOST, US, 6, tcp(443, 50001, FIN | ACK, 501, seq + 1))
    traffic.add(US, HOST, 6, tcp(50001, 443, ACK, seq + 1, 502))
    traffic.add(US, HOST, 6, tcp(50001, 443, SYN, 900000))
    traffic.add(HOST, US, 6, tcp(443, 50001, SYN | ACK, 700, 900001))
    traffic.add(US, HOST, 6, tcp(50001, 443, ACK, 900001, 701, client_hello("blog.example")))
    with tempfile.NamedTemporaryFile(dir=SCRATCH.name, suffix=".pcap") as file:
        file.write(pcap(traffic.packets))
        file.flush()
        flows, _ = run(PROGRAM, "--format", "jsonl", "--local", US, file.name).fine().flows()
    equal([flow["remote"].get("name") for flow in flows], ["shop.example", "blog.example"])


def test_called_by_name():
    """Who calls here asks for our name, which is not the caller's."""
    traffic = Traffic()
    traffic.add(HOST, US, 6, tcp(50001, 443, SYN, 100))
    traffic.add(US, HOST, 6, tcp(443, 50001, SYN | ACK, 500, 101))
    traffic.add(HOST, US, 6, tcp(50001, 443, ACK, 101, 501, client_hello("me.example")))
    equal(traffic.names(), {443: (None, None)})


def test_table_and_csv():
    traffic = Traffic()
    traffic.look_up("shop.example", HOST)
    traffic.connect(50001)
    traffic.connect(50002, HOST, client_hello("blog.example"))
    path = os.path.join(SCRATCH.name, "both.pcap")
    with open(path, "wb") as file:
        file.write(pcap(traffic.packets))
    text = run(PROGRAM, "--local", US, path).fine().out.decode()
    lines = {line.split()[1].rsplit(":")[-1]: line for line in text.splitlines() if line.startswith("tcp")}
    true(" shop.example? " in lines["50001"] and " blog.example " in lines["50002"], text)
    rows = [row.split(",") for row in run(PROGRAM, "--local", US, "--format", "csv", path).fine().out.decode().splitlines()]
    equal(rows[0][-2:], ["remote_name", "remote_name_source"])
    equal({tuple(row[-2:]) for row in rows[1:]}, {("shop.example", "dns"), ("blog.example", "tls"), ("", "")})


def test_graph():
    """The picture names the host; redacted it names none, and no address either."""
    traffic = Traffic()
    traffic.connect(50001, HOST, client_hello("shop.example"))
    traffic.connect(50002, OTHER, client_hello("a.example"))
    traffic.connect(50003, OTHER, client_hello("b.example"))
    path = os.path.join(SCRATCH.name, "graph.pcap")
    with open(path, "wb") as file:
        file.write(pcap(traffic.packets))
    for redact in ((), ("--redact",)):
        picture = os.path.join(SCRATCH.name, "graph.svg")
        run(PROGRAM, "--local", US, "--graph=" + picture, *redact, path).fine()
        with open(picture, encoding="utf-8") as file:
            text = file.read()
        for word in ("shop.example", HOST, "a.example", OTHER):
            equal(word in text, not redact)
        true("b.example" not in text, "two names of one address")
        equal("and others" in text, not redact)


run_tests([test_tls_names_the_connection, test_hello_in_two_segments, test_hello_without_end, test_through_a_proxy,
           test_dns_names_what_begins_later, test_late_answer, test_dns_over_tcp, test_begun_before_the_capture,
           test_site_and_not_its_cdn, test_tls_counts_more_than_dns, test_nobody_names_who_was_not_asked,
           test_who_asks_and_answers, test_quic, test_quic_calls_here, test_port_used_again, test_called_by_name,
           test_table_and_csv, test_graph])
