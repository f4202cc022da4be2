"""A window on a screen of 360×640 px, a phone's, with text twice as large: nothing makes it wider than that."""
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


def test_page():
    """The button of a page that says what is wrong with a file has two lines then."""
    portlight = Portlight(write('none.pcap', fixture.Capture().to_bytes()))
    try:
        button = portlight.wait_for('push button', name='Open Another File…')
        atspi.wait(lambda: atspi.box_of(button)[2] > 0, 'a button that is laid out')
        width = atspi.box_of(portlight.window)[2]
        assert width <= WIDTH, f'the window is {width} px wide'
        portlight.quit()
    finally:
        portlight.kill()


write('config/gtk-4.0/settings.ini', GTK_SETTINGS.encode())
write('config/glib-2.0/settings/keyfile', SETTINGS.encode())
subprocess.run(['xprop', '-root', '-f', 'RESOURCE_MANAGER', '8s', '-set', 'RESOURCE_MANAGER', 'Xft.dpi:\t192\n'], check=True)
run(test_page)
