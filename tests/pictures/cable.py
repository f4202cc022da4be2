"""A cable as long as to the next town: two network devices, near and far, and whatever one sends comes out of the other a little later."""
import collections
import fcntl
import os
import select
import struct
import time

DELAY_S = 0.006
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 0x0002, 0x1000


def device(name):
    end = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TAP | IFF_NO_PI))
    return end


def main():
    near, far = device('near'), device('far')
    print('ready', flush=True)
    under_way = collections.deque()
    while True:
        wait_s = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        for end in select.select([near, far], [], [], wait_s)[0]:
            under_way.append((time.monotonic() + DELAY_S, far if end == near else near, os.read(end, 65536)))
        while under_way and under_way[0][0] <= time.monotonic():
            _, end, frame = under_way.popleft()
            try:
                os.write(end, frame)
            except OSError:  # as a cable loses what nobody takes
                pass


main()
