"""A window of 360×640 px, with text twice as large, on a phone's screen or as it is remembered on a wider one: nothing makes it wider
than that."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import atspi
import fixture
from harness import Portlight, run

WIDTH = 360
GTK_SETTINGS = '[Settings]\ngtk-decoration-layout=appmenu:close\n'  # GNOME's
SETTINGS = f'[io/github/portlight/portlight]\nwindow-width={WIDTH}\nwindow-height=640\n'


def write(name, data):
    path = os.path.join(os.environ['HOME'], name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as file:
        file.write(data)
    return path


def assert_narrow(capture, button_name):
    portlight = Portlight(write('narrow.pcap', capture.to_bytes()))
    try:
        button = portlight.wait_for('push button', name=button_name)
        atspi.wait(lambda: atspi.box_of(button)[2] > 0, 'a button that is laid out')
        width = atspi.box_of(portlight.window)[2]
        assert width <= WIDTH, f'the window is {width} px wide'
        portlight.quit()
    finally:
        portlight.kill()


def test_page():
    """The button of a page that says what is wrong with a file has two lines then."""
    assert_narrow(fixture.Capture(), 'Open Another File…')


def test_graph():
    """The header's buttons do without words from the beginning."""
    assert_narrow(fixture.office(), 'Zoom Out')


write('config/gtk-4.0/settings.ini', GTK_SETTINGS.encode())
write('config/glib-2.0/settings/keyfile', SETTINGS.encode())
subprocess.run(['xprop', '-root', '-f', 'RESOURCE_MANAGER', '8s', '-set', 'RESOURCE_MANAGER', 'Xft.dpi:\t192\n'], check=True)
run(test_page, test_graph)
