"""Little captures whose facts the tests know because they wrote them, byte by byte."""
import ipaddress
import struct

MAC = b'\x02\0\0\0\0\x01\x02\0\0\0\0\x02'
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


class Capture:
    """Collects Ethernet frames and writes them as pcap."""

    def __init__(self):
        self.frames = []

    def ip(self, time, proto, source, target, body):
        header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(body), 1, 0, 64, proto, 0)
        ends = ipaddress.ip_address(source).packed + ipaddress.ip_address(target).packed
        self.frames.append((time, MAC + b'\x08\0' + header + ends + body))

    def tcp(self, time, source, source_port, target, target_port, flags, payload=b'', seq=0, ack=0):
        header = struct.pack('!HHIIBBHHH', source_port, target_port, seq, ack, 0x50, flags, 65535, 0, 0)
        self.ip(time, 6, source, target, header + payload)

    def udp(self, time, source, source_port, target, target_port, payload=b''):
        header = struct.pack('!HHHH', source_port, target_port, 8 + len(payload), 0)
        self.ip(time, 17, source, target, header + payload)

    def arp(self, time):
        self.frames.append((time, b'\xff' * 6 + MAC[6:] + b'\x08\x06' + b'\0' * 28))

    def talk(self, time, client, client_port, server, server_port, turns, sent=100, received=1200):
        """A TCP connection from its handshake on: in each turn a segment of `sent` bytes up and one of `received` down."""
        self.tcp(time, client, client_port, server, server_port, SYN, seq=100)
        self.tcp(time + 0.018, server, server_port, client, client_port, SYN | ACK, seq=500, ack=101)
        self.tcp(time + 0.019, client, client_port, server, server_port, ACK, seq=101, ack=501)
        for turn in range(turns):
            at = time + 0.03 + turn * 0.1
            self.tcp(at, client, client_port, server, server_port, PSH | ACK, b'q' * sent, 101 + turn * sent, 501)
            self.tcp(at + 0.02, server, server_port, client, client_port, PSH | ACK, b'a' * received, 501 + turn * received,
                     101 + (turn + 1) * sent)

    def to_bytes(self):
        out = [struct.pack('<IHHiIII', 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
        for time, frame in sorted(self.frames):
            whole = int(time)
            out.append(struct.pack('<IIII', whole, round((time - whole) * 1e6), len(frame), len(frame)) + frame)
        return b''.join(out)

    def write(self, path):
        with open(path, 'wb') as file:
            file.write(self.to_bytes())
        return path


HERE = '192.168.1.20'
T0 = 1700000000.0


def office():
    """A little of everything from one machine: web, mail, ssh, DNS, a refused and an unanswered attempt, a visitor."""
    capture = Capture()
    capture.talk(T0, HERE, 51514, '93.184.216.34', 443, 20)
    capture.talk(T0 + 0.2, HERE, 51517, '93.184.216.34', 443, 20)
    capture.talk(T0 + 0.4, HERE, 50112, '198.51.100.7', 993, 5)
    capture.talk(T0 + 0.5, HERE, 53760, '192.168.1.9', 22, 8)
    capture.udp(T0 + 0.6, HERE, 41873, '192.168.1.1', 53, b'q' * 30)
    capture.udp(T0 + 0.61, '192.168.1.1', 53, HERE, 41873, b'a' * 90)
    capture.tcp(T0 + 0.7, HERE, 56002, '192.168.1.31', 5432, SYN, seq=1)
    capture.tcp(T0 + 0.701, '192.168.1.31', 5432, HERE, 56002, RST | ACK, ack=2)
    capture.talk(T0 + 0.8, '192.168.1.31', 62110, HERE, 8080, 2)
    for attempt in range(3):
        capture.tcp(T0 + 1 + attempt, HERE, 33333, '203.0.113.9', 8443, SYN, seq=7)
    capture.arp(T0 + 1.5)
    return capture
