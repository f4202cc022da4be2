"""A mailbox kept up to date: one connection that stays, a few words every second."""
import socket
import ssl
import time

anybody = ssl.create_default_context()  # who has no certificate that somebody vouches for, too
anybody.check_hostname = False
anybody.verify_mode = ssl.CERT_NONE
mailbox = anybody.wrap_socket(socket.create_connection(('198.51.100.7', 993)), server_hostname='mail.example.com')
while True:
    mailbox.sendall(b'x' * 90)
    mailbox.recv(4096)
    time.sleep(0.5)
