"""The ruler below the graph, from outside: what a screen reader hears, and what keys, clicks and headings do to the graph."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from harness import Portlight, run, screenshot

CAPTURE = fixture.office().write(os.path.join(tempfile.mkdtemp(dir=os.environ['HOME']), 'office.pcap'))


def opened():
    portlight = Portlight(CAPTURE)
    portlight.wait_for('push button', name=':8080')
    return portlight


def strip_of(portlight):
    return portlight.wait_for('slider', name='Ports of this computer')


def says(node, text):
    atspi.wait(lambda: text in atspi.name_of(node), f'“{text}”, not “{atspi.name_of(node)}”')


def test_keys():
    """Arrows walk from light to light and each says what it is; Enter opens the details."""
    portlight = opened()
    try:
        strip = strip_of(portlight)
        says(strip, 'Well-known: 0 used, Registered: 3 used, Dynamic: 5 used')
        # Where no port is: it only takes the keys. It moves as long as the window is put together, and the focus with it.
        first = 'Port 8080, registered, listening, http-alt'
        atspi.wait(lambda: first in atspi.name_of(strip) or portlight.click(strip) or portlight.key('Home'), 'the first light')
        portlight.key('Right')
        says(strip, 'Port 33333, registered, temporary')
        portlight.key('Right')
        says(strip, 'Port 41873, registered')
        portlight.key('Left', 'Left')
        says(strip, 'Port 8080')
        portlight.key('Return')
        portlight.wait_for('label', text='to reach port 8080 (http-alt)')
        portlight.wait_for('label', text='registered range (1024–49151), listens here: http-alt')
        screenshot('window-ruler')
        portlight.quit()
    finally:
        portlight.kill()


def click_8080(portlight):
    """A light is hit where it stands: 8080 lies 14.7 % into the middle zone."""
    strip = strip_of(portlight)
    left, top, width, _height = atspi.box_of(strip)
    zone = (width - 6) / 3
    x, y = round(left + zone + 3 + (8080 - 1024) / 48128 * zone), top + 18
    subprocess.run(['xdotool', 'mousemove', str(x), str(y)], check=True)
    says(strip, 'Port 8080')
    subprocess.run(['xdotool', 'click', '1'], check=True)
    portlight.wait_for('label', text='to reach port 8080 (http-alt)')


def test_pointer():
    """A heading filters the graph to its range and lets go again; a click on a light opens the details."""
    portlight = opened()
    try:
        dynamic = portlight.wait_for(name='Dynamic ports, 49152–65535')
        assert '5 used' in atspi.name_of(dynamic)
        atspi.press(dynamic)
        portlight.wait_until_gone('push button', name=':8080')
        portlight.wait_for('push button', name=':53760')
        atspi.wait(lambda: dynamic.has(atspi.State.PRESSED), 'a heading that is pressed')
        registered = portlight.wait_for(name='Registered ports')
        atspi.press(registered)
        portlight.wait_for('push button', name=':8080')
        portlight.wait_until_gone('push button', name=':53760')
        atspi.press(registered)
        portlight.wait_for('push button', name=':53760')
        portlight.wait_for('push button', name=':8080')
        click_8080(portlight)
        portlight.quit()
    finally:
        portlight.kill()


run(test_keys, test_pointer)
