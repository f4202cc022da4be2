"""What the tests of the sandbox share: a window for each or for several, the page before the prompt and the one for a failure."""
import os

import sandbox
from sandbox import APP, Sandboxed, atspi, screenshot
from terminal import types

PORT = int(os.environ['TALK_PORT'])  # of the server that was started outside, with a client
PASTE_LINE = 'sudo tcpdump -i any -U -w - | cat > '
TYPED = ('sudo ', 'flatpak override', 'flatpak install', 'flatpak repair', 'flatpak run', 'flatpak kill', 'pkttyagent', 'chmod ', 'mount ', 'ls ')
# As it is shown where it is known that a bundle was installed.
REINSTALL = f'ls ./portlight.flatpak && {{ flatpak kill {APP}; flatpak uninstall --user {APP} && flatpak install --user ./portlight.flatpak; }}'
FOR_ALL = f'sudo flatpak install --system ./portlight.flatpak; flatpak info --system {APP} && flatpak uninstall --user {APP}'


def with_window(test):
    def run():
        app = Sandboxed()
        try:
            test(app)
        finally:
            app.kill()
    run.__name__ = test.__name__
    return run


def with_dark_window(test):
    def run():
        sandbox.be_dark()
        try:
            with_window(test)()
        finally:
            sandbox.forget_settings()
    run.__name__ = test.__name__
    return run


def together(*tests):
    """These tests in one window, which ends with the last of them or with one that fails."""
    held = []

    def with_the_window(test):
        def run():
            if not held:
                held.append(Sandboxed())
            try:
                test(held[0])
            except Exception:
                held.pop().kill()
                raise
            if test is tests[-1]:
                held.pop().kill()
        run.__name__ = test.__name__
        return run
    return [with_the_window(test) for test in tests]


def press_capture(app):
    app.press('Capture')
    app.wait_for('label', text='You Will Be Asked for a Password')


def assert_lines_are_alone(app):
    """What is to be typed is no part of a sentence, and said once."""
    lines = [text for text in app.label_texts() if any(word in text for word in TYPED[:-1])]
    assert all(line.startswith(TYPED) for line in lines), lines
    assert sum('tcpdump' in line for line in lines) <= 1, lines


def fails(app, title, *words, shot=None, button='Try Again'):
    """Captures and waits for the page with that button; what is behind it goes on. Returns what the page said."""
    app.press('Capture')
    if atspi.wait(lambda: app.shows('label', text='You Will Be Asked for a Password') and 'asked'
                  or app.shows('label', text=title) and 'told', 'a page or a notice') == 'asked':
        app.press('Continue')
    app.wait_for('label', text=title)
    for word in words:
        app.wait_for('label', text=word)
    if REINSTALL in words:  # and no longer line, which has it for one of two
        atspi.wait(lambda: REINSTALL in app.label_texts() or None, 'that line alone', sandbox.PATIENCE_S)
    app.wait_for('push button', name=button)
    assert button == 'Try Again' or not app.shows('push button', name='Try Again'), 'trying again does not help'
    assert_lines_are_alone(app)
    said = app.label_texts()
    sandbox.wait_for_helpers(0)  # one that was tried may just be ending
    if shot:
        screenshot(shot)
    app.press('Back to the Sockets')
    app.wait_for('push button', name=f':{PORT}')  # the sockets view goes on
    return said


def works_after(line, test):
    """The line as it is shown, typed in a terminal, gives a new window what the one before lacked."""
    types(line, 'bash', 'dash')
    with_window(test)()
