"""Everybody else: whom the pictures’ programs talk to, in the network namespace of the others. Says “ready” once all can be called."""
import selectors
import socket
import sys

DOWNLOADS = [('203.0.113.80', 443), ('203.0.113.34', 443), ('2001:db8:9::7', 443), ('192.168.1.1', 80)]
ECHOES = [('198.51.100.7', 993)]
DATAGRAMS = [('198.51.100.53', 3478), ('192.168.1.1', 53)]
HEADER = b'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n'
BLOCK = bytes(16384)

calls = selectors.DefaultSelector()


def download(connection, mask):
    try:
        if mask & selectors.EVENT_READ and not connection.recv(4096):
            raise ConnectionResetError
        if mask & selectors.EVENT_WRITE:
            connection.send(BLOCK)
    except BlockingIOError:
        pass
    except OSError:
        calls.unregister(connection)
        connection.close()


def echo(connection, _mask):
    data = connection.recv(4096)
    if data:
        connection.send(data)
    else:
        calls.unregister(connection)
        connection.close()


def accept(listener, is_download):
    connection = listener.accept()[0]
    if is_download:
        connection.sendall(HEADER)
    connection.setblocking(False)
    calls.register(connection, selectors.EVENT_READ | (selectors.EVENT_WRITE if is_download else 0), download if is_download else echo)


def answer(datagrams, _mask):
    data, peer = datagrams.recvfrom(4096)
    datagrams.sendto(data, peer)


def main():
    for address in DOWNLOADS + ECHOES:
        listener = socket.create_server(address, family=socket.AF_INET6 if ':' in address[0] else socket.AF_INET)
        calls.register(listener, selectors.EVENT_READ, lambda one, _mask, is_download=address in DOWNLOADS: accept(one, is_download))
    for address in DATAGRAMS:
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind(address)
        calls.register(datagrams, selectors.EVENT_READ, answer)
    print('ready', flush=True)
    while True:
        for key, mask in calls.select():
            key.data(key.fileobj, mask)


sys.exit(main())
