"""Drags files out of another program's window (drag-source.py) onto Portlight's, as a hand does, on an X server without a
window manager."""
import os
import subprocess
import time

import atspi


def xdotool(*arguments):
    subprocess.run(['xdotool', *arguments], check=True, stderr=subprocess.DEVNULL)


class DragSource:
    """That window, right of Portlight's."""

    def __init__(self, kind, *paths):
        program = os.path.join(os.path.dirname(__file__), 'drag-source.py')
        self.process = subprocess.Popen(['/usr/bin/python3', program, kind, *paths], stderr=subprocess.DEVNULL,
                                        env={**os.environ, 'GSK_RENDERER': 'cairo'})
        window = atspi.wait(self.find_window, 'the window to drag from', 30.0)
        xdotool('windowmove', '--sync', window, '1190', '300')

    @staticmethod
    def find_window():
        found = subprocess.run(['xdotool', 'search', '--onlyvisible', '--name', '^Drag source$'], capture_output=True, text=True,
                               check=False).stdout.split()
        return found[0] if found else None

    def drop_at(self, x, y, before_the_drop=None):
        def step(*arguments):
            xdotool(*arguments)
            time.sleep(0.1)  # the other side answers each step
        from_x, from_y, n_steps = 1220, 400, 8
        step('mousemove', str(from_x), str(from_y))
        step('mousedown', '1')
        for i in range(1, n_steps + 1):
            step('mousemove', str(from_x + (x - from_x) * i // n_steps), str(from_y + (y - from_y) * i // n_steps))
        if before_the_drop:
            before_the_drop()
        xdotool('mouseup', '1')

    def close(self):
        self.process.kill()
        self.process.wait()
