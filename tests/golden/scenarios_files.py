"""Captures for every file format: pcap in all its forms, pcapng with its blocks, gzip, and files that end too early."""
import capture_files as files
import frames
from facts import Capture
from scenarios_link import DNS, HOME, HOME6, PEER, WEB, WEB6, some_traffic


def pcap(name, about, order, nanoseconds):
    def make():
        capture = Capture(name, about, write=lambda records: files.pcap(records, frames.ETHERNET, order, nanoseconds))
        capture.clock_ns += 123456789
        some_traffic(capture)
        return capture
    return make


def pcapng(name, about, order, interfaces, fill, before=b'', between=None, after=b'', dropped=None,
           **how):
    """interfaces: [(datalink, name, if_tsresol, offset in s)]. between: block to put behind each packet."""
    def make():
        def write(records):
            out = files.section_header(order) + before
            for datalink, iface, resolution, offset_s in interfaces:
                out += files.interface(order, datalink, iface, resolution, offset_s=offset_s)
            for time_ns, data, wire, iface in records:
                _, _, resolution, offset_s = interfaces[iface]
                out += files.enhanced_packet(order, iface, files.ticks(time_ns, resolution, offset_s), data, wire)
                out += between or b''
            return out + after
        capture = Capture(name, about, suffix='.pcapng', write=write, **how)
        capture.interface_dropped = dropped
        capture.links = {i: interface[0] for i, interface in enumerate(interfaces)}
        fill(capture)
        return capture
    return make


def each_interface(interfaces):
    """A flow on each; nanosecond times where the resolution holds them."""
    def fill(capture):
        for i, (_, name, resolution, _) in enumerate(interfaces):
            web = capture.tcp(HOME, 51514 + i, WEB, 443, service='https', iface=name)
            web.talk(iface=i, **({'ifindex': i + 1} if capture.links[i] == frames.SLL2 else {}))
        shared = capture.udp(HOME, 40001, DNS, 53, service='domain', iface=interfaces[0][1])
        shared.udp(0, 30)
        shared.udp(1, 60)
    return fill


SEVERAL = [(frames.ETHERNET, 'eth0', None, None), (frames.RAW, 'tun0', 9, None), (frames.NULL, 'lo0', 3, None),
           (frames.SLL, 'any', 0x80 | 20, None), (frames.SLL2, 'all', 6, 1600000000), (frames.IPV6, None, 9, None)]


def several_interfaces():
    def fill(capture):
        capture.step_ns = 1000000  # what the coarsest of them can tell; whole seconds for the binary one
        each_interface(SEVERAL[:3])(capture)
        capture.clock_ns += 10 ** 9 - capture.clock_ns % 10 ** 9
        for i in (3, 4):
            flow = capture.udp(HOME, 40010 + i, DNS, 53, service='domain', iface=SEVERAL[i][1] if i == 3 else None)
            how = {'ifindex': 2} if i == 4 else {}
            flow.udp(0, 30, iface=i, **how)
            capture.clock_ns += 10 ** 9 - capture.clock_ns % 10 ** 9
            flow.udp(1, 60, iface=i, **how)
            capture.clock_ns += 10 ** 9 - capture.clock_ns % 10 ** 9
        flow = capture.udp(HOME6, 40020, WEB6, 443, service='https')
        flow.udp(0, 120, iface=5)
    return pcapng('pcapng-several-interfaces', 'pcapng: six interfaces of six link types and five time resolutions', '<',
                  SEVERAL, fill)()


def sections():
    """Two sections, of different byte orders; interface numbers start anew."""
    capture = Capture('pcapng-sections', 'pcapng: two sections of opposite byte order, interfaces numbered anew',
                      suffix='.pcapng')

    def write(records):
        out = b''
        for order, datalink, name, part in (('>', frames.ETHERNET, 'en0', records[:4]), ('<', frames.RAW, 'utun1', records[4:])):
            out += files.section_header(order) + files.interface(order, datalink, name)
            for time_ns, data, wire, _ in part:
                out += files.enhanced_packet(order, 0, files.ticks(time_ns, None), data, wire)
        return out
    capture.write = write
    first = capture.tcp(HOME, 51514, WEB, 443, service='https', iface='en0')
    first.handshake()
    first.data(0, 10)
    capture.links[0] = frames.RAW  # the second section's interface 0
    second = capture.udp(HOME, 40001, DNS, 53, service='domain', iface='utun1')
    second.udp(0, 30)
    second.udp(1, 60)
    return capture


def simple_packets():
    """Simple Packet Blocks carry no time: they count as of 0."""
    capture = Capture('pcapng-simple-packets', 'pcapng: Simple Packet Blocks, which have no time, and a snap length',
                      suffix='.pcapng')
    capture.write = lambda records: (files.section_header('<') + files.interface('<', frames.ETHERNET, 'eth0', snaplen=64)
                                     + b''.join(files.simple_packet('<', data, wire) for _, data, wire, _ in records))
    capture.clock_ns = 0
    flow = capture.udp(HOME, 40001, DNS, 53, service='domain', iface='eth0')
    for n in (10, 200):
        flow.udp(0, n, captured=min(64, 42 + n))
        capture.clock_ns = 0
    return capture


def gzip(name, about, split):
    def make():
        def write(records):
            data = files.pcap(records, frames.ETHERNET)
            return b''.join(files.gzip_member(part) for part in split(data))
        capture = Capture(name, about, suffix='.pcap.gz', write=write)
        some_traffic(capture)
        return capture
    return make


def gzip_pcapng():
    def write(records):
        out = files.section_header('<') + files.interface('<', frames.ETHERNET, 'eth0')
        out += b''.join(files.enhanced_packet('<', 0, files.ticks(t, None), data, wire) for t, data, wire, _ in records)
        return files.gzip_member(out)
    capture = Capture('gzip-pcapng', 'pcapng, gzip\'d', suffix='.pcapng.gz', write=write)
    some_traffic(capture)
    return capture


def nothing():
    return Capture('no-packets', 'a capture file without packets is no error')


def truncated(name, about, keep, suffix='.pcap', write=None):
    """The file ends inside its last record: the flows before it stand, the status says so."""
    def make():
        base = write or (lambda records: files.pcap(records, frames.ETHERNET))
        capture = Capture(name, about, suffix=suffix, status=1)
        lost = frames.ethernet(frames.ipv4(HOME, PEER, frames.UDP, frames.udp(HOME, 40009, PEER, 53, frames.filler(40))))
        capture.write = lambda records: base(records + [(capture.clock_ns, lost, len(lost), 0)])[:-keep]
        some_traffic(capture)
        return capture
    return make


def truncated_gzip():
    capture = Capture('truncated-gzip', 'a gzip\'d capture of which the end is missing', suffix='.pcap.gz', status=1)
    some_traffic(capture)
    n = len(files.pcap(capture.records, frames.ETHERNET))
    lost = frames.ethernet(frames.ipv4(HOME, PEER, frames.UDP, frames.udp(HOME, 40009, PEER, 53, frames.filler(40))))

    def write(records):
        whole = files.gzip_member(files.pcap(records + [(capture.clock_ns, lost, len(lost), 0)], frames.ETHERNET))
        return whole[:10 + 5 + n + 20]
    capture.write = write
    return capture


def fill_plain(capture):
    web = capture.tcp(HOME, 51514, WEB, 443, service='https', iface='eth0')
    web.talk()
    web.close()
    dns = capture.udp(HOME, 40001, DNS, 53, service='domain', iface='eth0')
    dns.udp(0, 40)
    dns.udp(1, 70)


ETH0 = [(frames.ETHERNET, 'eth0', None, None)]

SCENARIOS = [
    pcap('pcap-nanoseconds', 'nanosecond pcap', '<', True),
    pcap('pcap-big-endian', 'pcap of a big-endian machine', '>', False),
    pcap('pcap-big-endian-nanoseconds', 'nanosecond pcap of a big-endian machine', '>', True),
    pcapng('pcapng', 'pcapng, as dumpcap writes it', '<', ETH0, fill_plain),
    pcapng('pcapng-big-endian', 'pcapng of a big-endian machine', '>', ETH0, fill_plain),
    pcapng('pcapng-other-blocks', 'pcapng: names, statistics, custom and unknown blocks between the packets', '<', ETH0,
           fill_plain, before=files.name_resolution('<') + files.unknown('<'), between=files.custom('<'),
           after=files.interface_statistics('<', 0, 99, 3), dropped=3),
    several_interfaces, sections, simple_packets,
    gzip('gzip', 'pcap, gzip\'d', lambda data: [data]),
    gzip('gzip-members', 'pcap, gzip\'d in two members that meet inside a record', lambda data: [data[:333], data[333:]]),
    gzip_pcapng, nothing,
    truncated('truncated-record', 'the last record\'s bytes are missing', 20),
    truncated('truncated-header', 'the last record\'s header is cut', 82 + 6),
    truncated_gzip,
]
