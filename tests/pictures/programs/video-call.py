"""A call: pictures by UDP, and the name of who is called from time to time."""
import socket
import time

call = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
call.connect(('198.51.100.53', 3478))
names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.connect(('192.168.1.1', 53))
for turn in range(1 << 30):
    call.send(b'x' * 1100)
    if turn % 40 == 0:
        names.send(b'x' * 40)
    time.sleep(0.02)
