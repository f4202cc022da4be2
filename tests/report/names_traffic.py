"""Messages that tell names, byte by byte: DNS (RFC 1035) and the ClientHello of TLS (RFC 8446). Written apart from what reads them."""
import os
import socket
import struct


def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def dns_question(ident, name, kind=1):
    return struct.pack(">6H", ident, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack(">HH", kind, 1)


def dns_questioned(question):
    """Its id and the name that it asks for."""
    at, labels = 12, []
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode())
        at += 1 + question[at]
    return struct.unpack(">H", question[:2])[0], ".".join(labels)


def dns_record(owner, kind, data, ttl=300):
    return dns_name(owner) + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


def dns_answer(ident, name, *records, kind=1):
    """records: (owner, address or name that it is an alias of)"""
    out = struct.pack(">6H", ident, 0x8180, 1, len(records), 0, 0) + dns_name(name) + struct.pack(">HH", kind, 1)
    for owner, value in records:
        if ":" in value:
            out += dns_record(owner, 28, socket.inet_pton(socket.AF_INET6, value))
        elif value.replace(".", "").isdigit():
            out += dns_record(owner, 1, socket.inet_aton(value))
        else:
            out += dns_record(owner, 5, dns_name(value))
    return out


def client_hello(name, padding=0):
    """padding: bytes of an extension before the name, as keys against quantum computers have 1,200."""
    host = b"\0" + struct.pack(">H", len(name)) + name.encode()
    extensions = struct.pack(">HH", 51, padding) + bytes(padding)
    extensions += struct.pack(">HHH", 0, len(host) + 2, len(host)) + host
    body = b"\3\3" + bytes(range(32)) + b"\0" + b"\0\4\x13\1\x13\2" + b"\1\0" + struct.pack(">H", len(extensions)) + extensions
    return b"\x16\3\1" + struct.pack(">H", len(body) + 4) + b"\1" + struct.pack(">I", len(body))[1:] + body


def quic_initials():
    """The datagrams, each behind its length, in which Chromium 156 asked for shop.example: its ClientHello has 1,909 bytes."""
    with open(os.path.join(os.path.dirname(__file__), "quic-chromium.bin"), "rb") as file:
        data = file.read()
    datagrams = []
    while data:
        n_bytes = struct.unpack(">H", data[:2])[0]
        datagrams.append(data[2:2 + n_bytes])
        data = data[2 + n_bytes:]
    return datagrams
