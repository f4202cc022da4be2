"""Names of hosts while it happens: real clients of DNS and TLS on loopback, in a network namespace of their own, and what
portlight-report calls those that they reach. Root only. Arguments: portlight-report and the shared test module's folder."""
import sys

sys.dont_write_bytecode = True
PROGRAM = sys.argv[1]
sys.path.insert(0, sys.argv[2])

import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import time

from names_traffic import client_hello, dns_answer, dns_question, dns_questioned, quic_initials
from report_tests import Run, Skip, equal, run_tests, skip_all

if "ALONE" not in os.environ:
    if os.geteuid() != 0:
        skip_all("packets may be captured by root alone")
    if subprocess.run(["unshare", "--net", "true"], check=False).returncode != 0:
        skip_all("no network namespace may be made here")
    os.execvpe("unshare", ["unshare", "--net", sys.executable, *sys.argv], dict(os.environ, ALONE="1"))
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)

N_CLIENTS = 100
UDP_SEGMENT = 103  # linux/udp.h
SOCKETS = 3  # of a capture: the bulk, and the first packets of datagrams and of all else
RESOLVER, CALLED_PORT = ("127.0.0.53", 53), 3478


def running_sockets():
    """Packet sockets that are bound, which libpcap does last (packet(7); the column R)."""
    with open("/proc/net/packet", encoding="ascii") as sockets:
        return sum(line.split()[5] == "1" for line in sockets.readlines()[1:])


class Capture:
    """portlight-report on loopback, once it counts."""

    def __enter__(self):
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PROGRAM, "-i", "any", "--format", "jsonl"], stdout=self.out, stderr=subprocess.PIPE)
        while running_sockets() < SOCKETS:
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()

    def flows(self):
        self.process.send_signal(signal.SIGINT)
        err = self.process.communicate(timeout=60)[1]
        self.out.seek(0)
        return Run(self.process.returncode, self.out.read(), err).fine().flows()[0]


def in_background(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def resolve():
    """Each name has an address of its own."""
    resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    resolver.bind(RESOLVER)
    in_background(answer, resolver)


def answer(resolver):
    while True:
        question, peer = resolver.recvfrom(4096)
        ident, name = dns_questioned(question)
        resolver.sendto(dns_answer(ident, name, (name, "127.1.0." + name.split(".")[0])), peer)


def test_dns():
    """Who sends as soon as the answer is there: the flow is known before the packets that told its name are counted."""
    resolve()
    called = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    called.bind(("0.0.0.0", CALLED_PORT))
    with Capture() as capture:
        for number in range(1, N_CLIENTS + 1):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as names, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                names.connect(RESOLVER)
                names.send(dns_question(number, "%d.example" % number))
                client.sendto(b"hello", (socket.inet_ntoa(names.recv(4096)[-4:]), CALLED_PORT))
                called.recv(4096)
            time.sleep(0.02)  # over ten batches
        flows = [flow["remote"] for flow in capture.flows() if flow["remote"].get("port") == CALLED_PORT]
    equal({flow["addr"]: (flow.get("name"), flow.get("name_source")) for flow in flows},
          {"127.1.0.%d" % number: ("%d.example" % number, "dns") for number in range(1, N_CLIENTS + 1)})


def greet(server, context):
    while True:
        connection = server.accept()[0]
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()


def test_tls():
    if shutil.which("openssl") is None:
        raise Skip("openssl, which makes a certificate, is not installed")
    context, anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=a.example", "-keyout", key,
                        "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        context.load_cert_chain(certificate, key)
    server = socket.create_server(("127.0.0.1", 443))
    in_background(greet, server, context)
    names = {}
    with Capture() as capture:
        for number in range(N_CLIENTS):
            client = socket.create_connection(server.getsockname())
            names[client.getsockname()[1]] = "site-%d.example" % (number % 7)
            anybody.wrap_socket(client, server_hostname=names[client.getsockname()[1]]).close()
        flows = [flow for flow in capture.flows() if flow["remote"].get("port") == 443]
    equal({flow["local"]["port"]: (flow["remote"].get("name"), flow["remote"].get("name_source")) for flow in flows},
          {port: (name, "tls") for port, name in names.items()})


def test_tls_uncut():
    """With segmentation offload, as on loopback, a greeting with keys against quantum computers is one packet."""
    server = socket.create_server(("127.0.0.1", 8443))
    with Capture() as capture, socket.create_connection(server.getsockname()) as client, server.accept()[0] as called:
        client.send(client_hello("shop.example", 1920))
        called.recv(4096)
        flows = [flow for flow in capture.flows() if flow["remote"].get("port") == 8443]
    equal([flow["remote"].get("name") for flow in flows], ["shop.example"])


def test_quic():
    called = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    called.bind(("127.0.0.1", 443))
    with Capture() as capture:
        for _ in range(N_CLIENTS):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                for initial in quic_initials():
                    client.sendto(initial, called.getsockname())
                    called.recv(4096)
        flows = [flow["remote"] for flow in capture.flows() if flow["remote"].get("port") == 443 and flow["proto"] == "udp"]
    equal([(flow.get("name"), flow.get("name_source")) for flow in flows], [("shop.example", "tls")] * N_CLIENTS)


def test_quic_uncut():
    """What is sent with segmentation offload is one packet, on loopback and where the network card cuts it."""
    initials = quic_initials()
    called = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    called.bind(("127.0.0.1", 443))
    with Capture() as capture, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendmsg([b"".join(initials)], [(socket.IPPROTO_UDP, UDP_SEGMENT, struct.pack("=H", len(initials[0])))], 0, called.getsockname())
        for _ in initials:
            called.recv(4096)
        flows = [flow["remote"] for flow in capture.flows() if flow["remote"].get("port") == 443 and flow["proto"] == "udp"]
    equal([flow.get("name") for flow in flows], ["shop.example"])


run_tests([test_dns, test_tls, test_tls_uncut, test_quic, test_quic_uncut])
