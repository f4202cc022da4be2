"""Capture files: pcap in both byte orders and both resolutions, pcapng (draft-ietf-opsawg-pcapng) with interfaces,
sections and blocks that carry no packet, gzip members. Records are (time_ns, captured bytes, wire length, interface)."""
import struct
import zlib


def pcap(records, datalink, order='<', nanoseconds=False, snaplen=262144):
    magic, unit = (0xa1b23c4d, 1) if nanoseconds else (0xa1b2c3d4, 1000)
    out = struct.pack(order + 'IHHiIII', magic, 2, 4, 0, 0, snaplen, datalink)
    for time_ns, data, wire, _ in records:
        seconds, rest = divmod(time_ns, 10 ** 9)
        out += struct.pack(order + 'IIII', seconds, rest // unit, len(data), wire) + data
    return out


def option(order, code, value):
    return struct.pack(order + 'HH', code, len(value)) + value + b'\0' * (-len(value) % 4)


def options(order, pairs):
    if not pairs:
        return b''
    return b''.join(option(order, code, value) for code, value in pairs) + struct.pack(order + 'HH', 0, 0)


def block(order, kind, body):
    assert len(body) % 4 == 0
    total = struct.pack(order + 'I', len(body) + 12)
    return struct.pack(order + 'I', kind) + total + body + total


def section_header(order):
    return block(order, 0x0a0d0d0a, struct.pack(order + 'IHHq', 0x1a2b3c4d, 1, 0, -1)
                 + options(order, [(3, b'made for a test'), (4, b'portlight')]))


def interface(order, datalink, name=None, resolution=None, snaplen=0, offset_s=None):
    """resolution: the if_tsresol byte; None is microseconds."""
    pairs = []
    if name is not None:
        pairs.append((2, name.encode()))
    if resolution is not None:
        pairs.append((9, bytes([resolution])))
    if offset_s is not None:
        pairs.append((14, struct.pack(order + 'q', offset_s)))
    return block(order, 1, struct.pack(order + 'HHI', datalink, 0, snaplen) + options(order, pairs))


def ticks(time_ns, resolution, offset_s=0):
    """time_ns in units of if_tsresol (top bit: a power of two, else of ten)."""
    time_ns -= (offset_s or 0) * 10 ** 9
    resolution = 6 if resolution is None else resolution
    per_second = 2 ** (resolution & 0x7f) if resolution & 0x80 else 10 ** resolution
    return time_ns * per_second // 10 ** 9


def enhanced_packet(order, iface, stamp, data, wire, pairs=()):
    body = struct.pack(order + 'IIIII', iface, stamp >> 32, stamp & 0xffffffff, len(data), wire)
    return block(order, 6, body + data + b'\0' * (-len(data) % 4) + options(order, pairs))


def simple_packet(order, data, wire):
    return block(order, 3, struct.pack(order + 'I', wire) + data + b'\0' * (-len(data) % 4))


def name_resolution(order):
    record = struct.pack(order + 'HH', 1, 4 + 5) + b'\x7f\0\0\1' + b'home\0' + b'\0' * 3
    return block(order, 4, record + struct.pack(order + 'HH', 0, 0))


def interface_statistics(order, iface, received, dropped):
    return block(order, 5, struct.pack(order + 'III', iface, 0, 0)
                 + options(order, [(4, struct.pack(order + 'Q', received)), (5, struct.pack(order + 'Q', dropped))]))


def custom(order):
    return block(order, 0x0bad, struct.pack(order + 'I', 32473) + b'nobody reads this...')


def unknown(order):
    return block(order, 0x7ffffff0, b'from a later time   ')


def gzip_member(data):
    """Stored, not compressed: the same bytes from every zlib."""
    out = b'\x1f\x8b\x08\0\0\0\0\0\0\xff'
    pieces = [data[i:i + 65535] for i in range(0, len(data), 65535)] or [b'']
    for i, piece in enumerate(pieces):
        out += struct.pack('<BHH', i == len(pieces) - 1, len(piece), len(piece) ^ 0xffff) + piece
    return out + struct.pack('<II', zlib.crc32(data), len(data) & 0xffffffff)
