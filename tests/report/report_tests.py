"""What the tests of portlight-report share: a TAP harness, captures made byte by byte, and running the program.

A test is a function; it fails by an exception and is skipped by raising Skip. Nothing here knows Portlight's decoder.
"""
import json
import os
import socket
import struct
import subprocess
import sys
import traceback


class Skip(Exception):
    """The reason why a test can't run here."""


def run_tests(tests):
    """Runs functions in order, speaks TAP and ends the process."""
    n_failed = 0
    print("TAP version 13\n1..%d" % len(tests), flush=True)
    for number, test in enumerate(tests, 1):
        name = test.__name__.removeprefix("test_").replace("_", "-")
        try:
            test()
            print("ok %d %s" % (number, name), flush=True)
        except Skip as reason:
            print("ok %d %s # SKIP %s" % (number, name, reason), flush=True)
        except Exception:  # any fault of one test is that test's failure
            n_failed += 1
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            print("not ok %d %s" % (number, name), flush=True)
    sys.exit(1 if n_failed else 0)


def skip_all(reason):
    print("TAP version 13\n1..0 # SKIP " + reason)
    sys.exit(0)


def equal(actual, expected):
    if actual != expected:
        raise AssertionError("%r, expected %r" % (actual, expected))


def true(condition, why):
    if not condition:
        raise AssertionError(why)


# ---- captures ----

ETHERNET, RAW, USB = 1, 101, 189


def pcap(records, linktype=ETHERNET, snaplen=65535):
    """A classic pcap of (time_us, bytes[, wire length]) records."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, linktype)]
    for record in records:
        time_us, data = record[:2]
        wire = record[2] if len(record) > 2 else len(data)
        out.append(struct.pack("<IIII", time_us // 1000000, time_us % 1000000, len(data), wire) + data)
    return b"".join(out)


def ethernet(payload, ethertype):
    return bytes(range(12)) + struct.pack(">H", ethertype) + payload


def ipv4(src, dst, proto, payload):
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, proto, 0)
    return header + socket.inet_aton(src) + socket.inet_aton(dst) + payload


def ipv6(src, dst, proto, payload):
    header = struct.pack(">IHBB", 6 << 28, len(payload), proto, 64)
    return header + socket.inet_pton(socket.AF_INET6, src) + socket.inet_pton(socket.AF_INET6, dst) + payload


def udp(src_port, dst_port, payload):
    return struct.pack(">HHHH", src_port, dst_port, 8 + len(payload), 0) + payload


SYN, ACK, RST, FIN = 2, 16, 4, 1


def tcp(src_port, dst_port, flags, seq=0, ack=0, payload=b""):
    return struct.pack(">HHIIBBHHH", src_port, dst_port, seq, ack, 5 << 4, flags, 65535, 0, 0) + payload


def frame(src, dst, proto, segment):
    if ":" in src:
        return ethernet(ipv6(src, dst, proto, segment), 0x86DD)
    return ethernet(ipv4(src, dst, proto, segment), 0x0800)


# ---- the program ----

class Run:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def fine(self):
        if self.status != 0 or self.err != b"":
            raise AssertionError("status %s, said %r" % (self.status, self.err))
        return self

    def failed(self, status, *words):
        """One line on standard error with these words, and this status."""
        text = self.err.decode()
        if self.status != status or text.count("\n") != 1 or not text.startswith("portlight-report: "):
            raise AssertionError("status %s, said %r" % (self.status, text))
        for word in words:
            true(word.lower() in text.lower(), "%r is not in %r" % (word, text))
        true(not any(ord(c) < 32 for c in text[:-1]), "control characters in %r" % text)
        return self

    def flows(self):
        """(flows, summary) of JSON Lines."""
        text = self.out.decode("utf-8")
        true(text.endswith("\n"), "the last line has no end")
        values = [json.loads(line, parse_constant=lambda c: true(False, c)) for line in text[:-1].split("\n")]
        equal(list(values[-1]), ["summary"])
        true(all("summary" not in value for value in values[:-1]), "more than one summary")
        return values[:-1], values[-1]["summary"]


def run(program, *args, data=None, timeout=60, **kwargs):
    environment = dict(os.environ, LC_ALL="C.UTF-8", **kwargs.pop("env", {}))
    kwargs.setdefault("stdout", subprocess.PIPE)
    if data is None:
        kwargs.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([program, *args], input=data, stderr=subprocess.PIPE, timeout=timeout, env=environment, **kwargs)
    return Run(done.returncode, done.stdout, done.stderr)


