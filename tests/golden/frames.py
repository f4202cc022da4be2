"""Frames, byte by byte: link layers, IP, transports. Plain functions from values to bytes; they count nothing and know
nothing of captures. Written from the RFCs, apart from the decoder they test."""
import ipaddress
import struct

ETHERNET, RAW_BSD, RAW_OPENBSD, RAW, LOOP, SLL, IPV4, IPV6, SLL2, NULL = 1, 12, 14, 101, 108, 113, 228, 229, 276, 0
TCP, UDP, ICMP, ICMPV6, SCTP, UDPLITE = 6, 17, 1, 58, 132, 136
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
HOP_BY_HOP, ROUTING, FRAGMENT, AH, DESTINATION = 0, 43, 44, 51, 60


def is_v6(addr):
    return ':' in addr


def packed(addr):
    return ipaddress.ip_address(addr).packed


def checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b'\0'
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def transport_checksum(src, dst, proto, segment):
    """Over the pseudo-header of RFC 9293 3.1 or RFC 8200 8.1."""
    if is_v6(src):
        pseudo = packed(src) + packed(dst) + struct.pack('!II', len(segment), proto)
    else:
        pseudo = packed(src) + packed(dst) + struct.pack('!HH', proto, len(segment) & 0xffff)
    return checksum(pseudo + segment)


def filler(n):
    """Payload that is no protocol anybody dissects."""
    return bytes((i * 7 + 1) & 0x7f for i in range(n))


def tcp(src, sport, dst, dport, seq, ack, flags, payload=b'', options=b'', window=64240):
    options += b'\0' * (-len(options) % 4)
    offset = (20 + len(options)) // 4
    head = struct.pack('!HHIIBBHHH', sport, dport, seq & 0xffffffff, ack & 0xffffffff, offset << 4, flags, window, 0, 0)
    segment = head + options + payload
    total = transport_checksum(src, dst, TCP, segment)
    return segment[:16] + struct.pack('!H', total) + segment[18:]


def udp(src, sport, dst, dport, payload=b'', length=None, proto=UDP):
    length = 8 + len(payload) if length is None else length
    segment = struct.pack('!HHHH', sport, dport, length, 0) + payload
    total = transport_checksum(src, dst, proto, segment) or 0xffff
    return segment[:6] + struct.pack('!H', total) + payload


def icmp(src, dst, kind, code, rest, payload=b''):
    """rest: the four bytes behind the checksum."""
    proto = ICMPV6 if is_v6(src) else ICMP
    message = struct.pack('!BBH', kind, code, 0) + rest + payload
    total = transport_checksum(src, dst, proto, message) if proto == ICMPV6 else checksum(message)
    return message[:2] + struct.pack('!H', total) + message[4:]


def sctp(sport, dport, tag, chunks):
    return struct.pack('!HHII', sport, dport, tag, 0) + chunks


def sctp_chunk(kind, flags, value):
    return struct.pack('!BBH', kind, flags, 4 + len(value)) + value + b'\0' * (-len(value) % 4)


def ipv4(src, dst, proto, payload, ident=1, flags=0x4000, options=b'', total=None, ttl=64):
    """flags: the whole 16-bit field, DF 0x4000, MF 0x2000, offset in 8-byte units."""
    options += b'\0' * (-len(options) % 4)
    total = 20 + len(options) + len(payload) if total is None else total
    head = struct.pack('!BBHHHBBH', 0x45 + len(options) // 4, 0, total & 0xffff, ident, flags, ttl, proto, 0)
    head += packed(src) + packed(dst) + options
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload


def extension(kind, body, next_header):
    """One IPv6 extension header; body is what follows its first two bytes."""
    if kind == AH:
        assert (2 + len(body)) % 4 == 0
        return struct.pack('!BB', next_header, (2 + len(body)) // 4 - 2) + body
    if kind == FRAGMENT:
        assert len(body) == 6
        return struct.pack('!BB', next_header, 0) + body
    assert (2 + len(body)) % 8 == 0
    return struct.pack('!BB', next_header, (2 + len(body)) // 8 - 1) + body


def extensions(chain, proto):
    """chain: [(kind, body)]; returns the first next-header value and the bytes of all."""
    kinds = [kind for kind, _ in chain] + [proto]
    return kinds[0], b''.join(extension(kind, body, kinds[i + 1]) for i, (kind, body) in enumerate(chain))


def ipv6(src, dst, proto, payload, chain=(), length=None):
    first, headers = extensions(list(chain), proto)
    length = len(headers) + len(payload) if length is None else length
    return struct.pack('!IHBB', 0x60000000, length & 0xffff, first, 64) + packed(src) + packed(dst) + headers + payload


def pad_options(n):
    """Options of n bytes that say nothing: PadN (RFC 8200 4.2)."""
    return struct.pack('!BB', 1, n - 2) + b'\0' * (n - 2)


def fragment_body(offset_bytes, more, ident):
    assert offset_bytes % 8 == 0
    return struct.pack('!HI', offset_bytes | bool(more), ident)


def ethertype_of(packet):
    return 0x86dd if packet[0] >> 4 == 6 else 0x0800


def ethernet(packet, ethertype=None, tags=(), pad_to=0):
    """tags: [(tpid, vlan)], the outermost first."""
    head = bytes.fromhex('020000000001020000000002')
    for tpid, vlan in tags:
        head += struct.pack('!HH', tpid, vlan)
    head += struct.pack('!H', ethertype_of(packet) if ethertype is None else ethertype)
    frame = head + packet
    return frame + b'\0' * max(0, pad_to - len(frame))


def ethernet_llc(llc):
    """An 802.3 frame: a length where the EtherType would be."""
    return bytes.fromhex('020000000001020000000002') + struct.pack('!H', len(llc)) + llc


def snap(packet, oui=b'\0\0\0'):
    return b'\xaa\xaa\x03' + oui + struct.pack('!H', ethertype_of(packet)) + packet


def pppoe(packet):
    protocol = 0x0057 if packet[0] >> 4 == 6 else 0x0021
    return struct.pack('!BBHHH', 0x11, 0, 1, 2 + len(packet), protocol) + packet


def sll(packet, packet_type, protocol=None, hardware=1):
    protocol = ethertype_of(packet) if protocol is None else protocol
    return struct.pack('!HHH', packet_type, hardware, 6) + b'\x02\0\0\0\0\x01\0\0' + struct.pack('!H', protocol) + packet


def sll2(packet, packet_type, ifindex, protocol=None, hardware=1):
    protocol = ethertype_of(packet) if protocol is None else protocol
    return struct.pack('!HHIHBB', protocol, 0, ifindex, hardware, packet_type, 6) + b'\x02\0\0\0\0\x01\0\0' + packet


def null(packet, order='<', family_v6=30):
    return struct.pack(order + 'I', family_v6 if packet[0] >> 4 == 6 else 2) + packet
