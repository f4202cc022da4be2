"""Notes that are kept in the database."""
import signal
import socket

connections = [socket.create_connection(('127.0.0.1', 5432)) for _ in range(2)]
signal.pause()
