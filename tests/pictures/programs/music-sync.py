"""Music shared with other devices: waits for them on the local network, and for their greetings from anywhere."""
import signal
import socket

devices = socket.create_server(('192.168.1.20', 22000))
greetings = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
greetings.bind(('0.0.0.0', 21027))
signal.pause()
