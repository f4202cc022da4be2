"""A mailbox kept up to date: one connection that stays, a few words every second."""
import socket
import time

mailbox = socket.create_connection(('198.51.100.7', 993))
while True:
    mailbox.sendall(b'x' * 90)
    mailbox.recv(4096)
    time.sleep(0.5)
