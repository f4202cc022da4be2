"""Where portlight-helper cannot be started: the real dumpcap, and the line with the real tcpdump, capture into the window and
end with the capture."""
import os
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
import atspi
from harness import Portlight, run

ENV = {'PORTLIGHT_HELPER': '/nowhere/portlight-helper'}


def talk(n):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        receiver.bind(('127.0.0.1', 0))
        sender.connect(receiver.getsockname())
        for _ in range(n):
            sender.send(b'x' * 100)
        return sender.getsockname()[1]


def captures(portlight):
    atspi.wait(lambda: portlight.alive() and talk(20) and portlight.shows('push button', name='Capturing')
               and portlight.shows('push button', name='packets'), 'a count of packets')
    atspi.press(portlight.wait_for('push button', name=f':{talk(10)}'))
    portlight.wait_for(name='Details')
    atspi.wait(lambda: 'lo' in atspi.texts(portlight.window), 'the interface that the packets came by')


def stop(portlight):
    portlight.key('F5')
    portlight.wait_for('push button', name='Capture')
    portlight.wait_for('label', text='Sockets of this computer')


def test_dumpcap():
    portlight = Portlight('--capture', env=ENV)
    try:
        atspi.press(portlight.wait_for('push button', name='Capture with Dumpcap'))
        captures(portlight)
        stop(portlight)
        children = f'/proc/{portlight.process.pid}/task/{portlight.process.pid}/children'
        atspi.wait(lambda: not open(children, encoding='ascii').read().split(), 'the end of dumpcap')
        portlight.quit()
    finally:
        portlight.kill()


def test_tcpdump():
    portlight = Portlight('--capture', env=ENV)
    try:
        line = atspi.text_of(portlight.wait_for('label', text='sudo tcpdump -i any -U -w - | cat > '))
        terminal = subprocess.Popen(['sh', '-c', line.removeprefix('sudo ')], stderr=subprocess.DEVNULL)
        captures(portlight)
        stop(portlight)
        atspi.wait(lambda: talk(5) and terminal.poll() is not None, 'the end of the line in the terminal')
        portlight.quit()
    finally:
        portlight.kill()


def test_tcpdump_into_the_window():
    """As a Flatpak's line does where no pipe may be left: of this computer, so that its apps have names."""
    terminal = subprocess.Popen(['tcpdump', '-i', 'any', '-U', '-w', '-'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    portlight = Portlight('--this-computer', '-', stdin=terminal.stdout, env=ENV)
    terminal.stdout.close()
    try:
        captures(portlight)
        stop(portlight)
        portlight.quit()  # whose own standard input it is
        atspi.wait(lambda: talk(5) and terminal.poll() is not None, 'the end of tcpdump')
    finally:
        portlight.kill()
        terminal.kill()
        terminal.wait()


run(*(test for test, program in ((test_dumpcap, 'dumpcap'), (test_tcpdump, 'tcpdump'), (test_tcpdump_into_the_window, 'tcpdump')) if shutil.which(program)))
