"""Files dragged from another program and dropped: shown, or told why not."""
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
import fixture
from drag import DragSource
from harness import Portlight, run, screenshot

HOME = os.environ['HOME']
NOT_HANDED_OVER = ('What Was Dropped Cannot Be Read', 'The other program did not hand it over, as with a folder')


def drop_and_see(kind, paths, *texts):
    """Drops them on a Portlight, which says the texts."""
    portlight = Portlight()
    source = DragSource(kind, *paths)
    try:
        portlight.wait_for('label', text='Sockets of this computer')
        source.drop_at(500, 350)
        for text in texts:
            portlight.wait_for('label', text=text)
        screenshot(f'window-drop-{len(paths)}')
        portlight.quit()
    finally:
        source.close()
        portlight.kill()


def test_file_and_another():
    """The first is shown, and that it is one of two is said."""
    paths = [fixture.office().write(os.path.join(HOME, name)) for name in ('first.pcap', 'second.pcap')]
    drop_and_see('path', paths, 'One file at a time: this is “first.pcap”', 'of traffic') # the first one goes by itself


def test_empty_list():
    drop_and_see('path', [], *NOT_HANDED_OVER)


def test_refused():
    """As by the portal for files, which takes no folder: GTK's own words are of formats."""
    drop_and_see('broken', [HOME], *NOT_HANDED_OVER)


def test_folder():
    """Of a program that says where it is."""
    drop_and_see('path', [HOME], 'This Is a Folder', 'choose a file in it')


run(test_file_and_another, test_empty_list, test_refused, test_folder)
