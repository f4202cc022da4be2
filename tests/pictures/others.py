"""Everybody else: whom the pictures’ programs talk to, in the network namespace of the others. Says “ready” once all can be called.
Usage: others.py CERTIFICATE-WITH-KEY"""
import os
import socket
import ssl
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'report'))
from names_traffic import dns_answer, dns_questioned

DOWNLOADS = [('203.0.113.80', 443), ('203.0.113.34', 443), ('2001:db8:9::7', 443), ('192.168.1.1', 80)]
ECHOES = [('198.51.100.7', 993)]
CALL, NAMES = ('198.51.100.53', 3478), ('192.168.1.1', 53)
HEADER = b'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n'
BLOCK = bytes(16384)

tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain(sys.argv[1])


def download(connection):
    connection.recv(4096)
    connection.sendall(HEADER)
    while True:
        connection.sendall(BLOCK)


def echo(connection):
    while data := connection.recv(4096):
        connection.sendall(data)


def serve(connection, port, talk):
    try:
        with connection if port == 80 else tls.wrap_socket(connection, server_side=True) as spoken:
            talk(spoken)
    except OSError:
        pass  # who called has gone


def accept(listener, talk):
    port = listener.getsockname()[1]
    while True:
        in_background(serve, listener.accept()[0], port, talk)


def answer(datagrams, reply):
    while True:
        data, peer = datagrams.recvfrom(4096)
        datagrams.sendto(reply(data), peer)


def name(question):
    ident, asked = dns_questioned(question)
    return dns_answer(ident, asked, (asked, CALL[0]))


def in_background(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


for address in DOWNLOADS + ECHOES:
    server = socket.create_server(address, family=socket.AF_INET6 if ':' in address[0] else socket.AF_INET)
    in_background(accept, server, download if address in DOWNLOADS else echo)
for address, reply in ((CALL, bytes), (NAMES, name)):
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(address)
    in_background(answer, bound, reply)
print('ready', flush=True)
threading.Event().wait()
