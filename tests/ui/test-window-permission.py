"""Capture without the right to: what will be asked is said before, and what went wrong after. The person at the prompt is a
program named pkexec that comes before the real one in PATH: it only ends as pkexec does when the prompt is closed or refused."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
import atspi
from harness import Portlight, run, screenshot


def answering(code, said=''):
    """An environment whose password prompt ends with this code."""
    folder = tempfile.mkdtemp(dir=os.environ['HOME'])
    path = os.path.join(folder, 'pkexec')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\necho "{said}" >&2\nexit {code}\n')
    os.chmod(path, 0o755)
    return {'PATH': folder + ':' + os.environ['PATH']}


def test_explains():
    portlight = Portlight(env=answering(126))
    try:
        atspi.press(portlight.wait_for('push button', name='Capture'))
        portlight.wait_for('label', text='You Will Be Asked for a Password')
        portlight.wait_for('label', text='portlight-helper')
        screenshot('window-permission')
        atspi.press(portlight.wait_for('push button', name='Not Now'))
        portlight.wait_until_gone('label', text='You Will Be Asked for a Password')
        portlight.wait_for('push button', name='Capture')
        atspi.press(portlight.wait_for('push button', name='Capture'))
        portlight.wait_for('label', text='You Will Be Asked for a Password')
        portlight.key('Escape')
        portlight.wait_until_gone('label', text='You Will Be Asked for a Password')
        portlight.quit()
    finally:
        portlight.kill()


def assert_fails(env, title):
    """After the prompt: words, another try, and the sockets as before."""
    portlight = Portlight('--capture', env=env)
    try:
        atspi.press(portlight.wait_for('push button', name='Continue'))
        portlight.wait_for('label', text=title)
        portlight.wait_for('label', text='Sockets of this computer')
        again = portlight.wait_for('push button', name='Try Again')
        atspi.press(again)
        portlight.wait_for('label', text=title)
        atspi.press(portlight.wait_for('push button', name='Dismiss'))
        portlight.wait_until_gone('label', text=title)
        portlight.quit()
    finally:
        portlight.kill()


def test_dismissed():
    assert_fails(answering(126), 'Capture Was Not Started')


def test_denied():
    assert_fails(answering(127, 'Error executing command as another user: Not authorized'), 'Capture Was Not Allowed')


def test_explains_no_more():
    env = answering(126)
    portlight = Portlight('--capture', env=env)
    try:
        portlight.click(portlight.wait_for('check box', name='Do not explain this again'))  # GTK 4.8 gives it no action
        atspi.press(portlight.wait_for('push button', name='Continue'))
        portlight.wait_for('label', text='Capture Was Not Started')
        portlight.quit()
    finally:
        portlight.kill()
    again = Portlight('--capture', env=env)
    try:
        again.wait_for('label', text='Capture Was Not Started')
        again.quit()
    finally:
        again.kill()


run(test_explains, test_dismissed, test_denied, test_explains_no_more)
