"""A backup whose server does not answer: it calls until somebody does."""
import socket
import time

server = socket.socket()
server.settimeout(600)
while server.connect_ex(('203.0.113.99', 22)) != 0:
    time.sleep(600)
