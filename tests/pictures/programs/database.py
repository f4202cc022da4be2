"""A database for the programs of this computer alone."""
import socket

listener = socket.create_server(('127.0.0.1', 5432))
clients = []
while True:
    clients.append(listener.accept())
