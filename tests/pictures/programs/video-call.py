"""A call: pictures by UDP, and the name of who is called asked for from time to time."""
import socket
import struct
import time

QUESTION = struct.pack('>6H', 4711, 0x0100, 1, 0, 0, 0) + b'\4call\7example\3net\0' + struct.pack('>HH', 1, 1)

names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.connect(('192.168.1.1', 53))
names.send(QUESTION)
answer = names.recv(4096)
call = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
call.connect((socket.inet_ntoa(answer[-4:]), 3478))
for turn in range(1, 1 << 30):
    call.send(b'x' * 1100)
    if turn % 40 == 0:
        names.send(QUESTION)
    time.sleep(0.02)
