"""Real touches, pinches on a touchpad and keys: what Xorg's inputtest driver is told over its sockets (run-xorg.sh) goes the way of a
real device's events. The messages are those of xf86-input-inputtest-protocol.h, in the byte order and alignment of this machine."""
import os
import socket
import struct
import time

VERSION, SYNC, MOTION, BUTTON, KEY, TOUCH, PINCH = 0, 1, 2, 4, 5, 6, 7
N_AXES = 64
# has_unaccelerated, the mask of axes, the values and the unaccelerated ones; 0d aligns
AXES = f'0dI8B0d{2 * N_AXES}d'
TOUCH_BEGIN, TOUCH_UPDATE, TOUCH_END = 18, 19, 20  # XI2.h
PINCH_BEGIN, PINCH_UPDATE, PINCH_END = 27, 28, 29
FULL = 0xffff  # what the touch screen's axes end at
FRAME_S = 0.016  # as often as a real screen tells where a finger is


class Device:
    """One of the devices: its socket, kept for as long as it is used."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(10)
        self.socket.connect(os.path.join(os.environ['PL_INPUT'], name))
        self.send(VERSION, '@HH', 1, 1)
        assert struct.unpack('@IIHH', self.receive(12))[1] == 0, 'no answer with the version'

    def receive(self, length):
        answer = b''
        while len(answer) < length:
            part = self.socket.recv(length - len(answer))
            assert part, 'the X server has hung up'
            answer += part
        return answer

    def send(self, kind, layout='@', *values):
        layout = '@II' + layout[1:]
        self.socket.sendall(struct.pack(layout, struct.calcsize(layout), kind, *values))

    def settle(self):
        """Waits until the server has handled all that was sent."""
        self.send(SYNC)
        self.receive(8)

    @staticmethod
    def axes(*values):
        """The first axes have these values."""
        mask = (1 << len(values)) - 1
        numbers = list(values) + [0.0] * (2 * N_AXES - len(values))
        return [0, *mask.to_bytes(8, 'little'), *numbers]


class TouchScreen:
    """Fingers by their numbers, at places of the screen in pixels."""

    def __init__(self, width=1280, height=800):
        self.device = Device('touchscreen')
        self.scale = FULL / width, FULL / height
        self.at = {}  # finger → (x, y)

    def tell(self, what, finger, x, y):
        places = self.device.axes((x + 0.5) * self.scale[0], (y + 0.5) * self.scale[1])
        self.device.send(TOUCH, '@II' + AXES, finger, what, *places)
        self.device.settle()

    def down(self, finger, x, y):
        self.at[finger] = (x, y)
        self.tell(TOUCH_BEGIN, finger, x, y)

    def up(self, *fingers):
        for finger in fingers or list(self.at):
            self.tell(TOUCH_END, finger, *self.at.pop(finger))

    def glide(self, targets, steps=12):
        """Moves several fingers at once: {finger: (x, y)}."""
        start = {finger: self.at[finger] for finger in targets}
        for step in range(1, steps + 1):
            for finger, (x, y) in targets.items():
                from_x, from_y = start[finger]
                self.at[finger] = (from_x + (x - from_x) * step / steps, from_y + (y - from_y) * step / steps)
                self.tell(TOUCH_UPDATE, finger, *self.at[finger])
            time.sleep(FRAME_S)

    def tap(self, x, y, wander=0):
        """As a finger taps: it rolls by some pixels."""
        self.down(1, x, y)
        time.sleep(0.04)
        if wander:
            self.glide({1: (x + wander, y + wander)}, 1)
        time.sleep(0.04)
        self.up(1)


class Touchpad:
    """Two fingers on a touchpad, and the pointer that it moves."""

    def __init__(self):
        self.device = Device('touchpad')

    def pinch(self, scale, dx=0.0, dy=0.0, steps=12):
        """Two fingers that end @scale as far apart as they began, and moved by so much."""
        def tell(what, now, x=0.0, y=0.0):
            self.device.send(PINCH, '@HHI0d6d', what, 2, 0, x, y, x, y, now, 0.0)
            self.device.settle()
            time.sleep(FRAME_S)
        tell(PINCH_BEGIN, 1.0)
        for step in range(1, steps + 1):
            tell(PINCH_UPDATE, scale ** (step / steps), dx / steps, dy / steps)
        tell(PINCH_END, scale)
