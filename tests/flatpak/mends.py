"""Failures whose mend is a line: it is shown, and where it can be run here it is, and capture works after it."""
import os
import shutil
import subprocess
import sys

import sandbox
from pages import FOR_ALL, PORT, REINSTALL, fails, press_capture, with_window, works_after
from sandbox import APP, Sandboxed, atspi, screenshot
from terminal import types

SERVER = os.environ.get('TALK_SERVER')  # what its cgroup calls it
OTHER_PORT = os.environ['OTHER_PORT']


def permission_is_withdrawn():
    line = f'flatpak override --user --talk-name=org.freedesktop.Flatpak {APP}'
    with sandbox.overridden('--no-talk-name=org.freedesktop.Flatpak') as app:
        fails(app, 'The Sandbox Does Not Allow Capture', line, shot='7-permission-withdrawn', button='Quit')
        app.kill()
        works_after(line, lambda again: fails(again, 'Capture Was Not Allowed'))  # by polkit, which is outside


def helper_is_missing():
    path = os.path.join(sandbox.deployed(), 'libexec/portlight-helper')
    shutil.move(path, path + '.away')
    try:
        app = Sandboxed()
        try:
            fails(app, 'The Capture Helper Is Missing', path, REINSTALL, shot='8-helper-missing')
            types_reinstall(app)
        finally:
            app.kill()
        with_window(lambda again: fails(again, 'Capture Was Not Allowed'))()  # by polkit: it is found
    finally:
        if os.path.exists(path + '.away'):
            shutil.move(path + '.away', path)


def types_reinstall(app):
    """The line itself, in the bundle's folder; here without questions, and without asking Flathub for the runtime that is there."""
    assert app.process.poll() is None, app.said()
    types(REINSTALL.replace(' --user', ' --user -y --noninteractive').replace(' install', ' install --no-deps'),
          folder=os.path.dirname(os.environ['BUNDLE']))
    app.process.wait(sandbox.PATIENCE_S)


def with_other_helper(change, shot, *words, then=lambda app: None):
    """Captures with a helper that is not as it was installed, and goes on from there."""
    path = os.path.join(sandbox.deployed(), 'libexec/portlight-helper')
    shutil.move(path, path + '.away')
    try:
        shutil.copy(path + '.away', path)
        os.chmod(path, 0o755)
        change(path)
        app = Sandboxed()
        try:
            said = fails(app, *words, path, shot=shot)
            assert ('noexec' in ' '.join(said)) == ('noexec' in words), said
            then(app)
        finally:
            app.kill()
    finally:
        shutil.move(path + '.away', path)


def helper_may_not_be_executed():
    """By anybody, as its mode says; the line mends that."""
    path = os.path.join(sandbox.deployed(), 'libexec/portlight-helper')
    line = f"chmod 755 '{path}'"

    def mend(app):
        types(line, 'bash', 'dash')
        press_capture(app)
        app.press('Continue')
        app.wait_for('push button', name='Capturing')
    with_other_helper(lambda path: os.chmod(path, 0o644), '8-helper-not-executable', 'Capture Could Not Start',
                      'may not be executed', line, then=mend)


def helper_is_for_another_machine():
    def change(path):
        with open(path, 'r+b') as file:
            file.seek(18)  # e_machine
            file.write((0x103).to_bytes(2, sys.byteorder))  # LoongArch
    with_other_helper(change, '8-helper-of-another-machine', 'Capture Could Not Start', 'for another kind of processor',
                      REINSTALL)


def helper_is_of_another_version():
    """It says hello in an older protocol and begins. The line ends it, and the next window captures."""
    path = os.path.join(sandbox.deployed(), 'libexec/portlight-helper')
    os.rename(path, path + '.away')
    with open(path, 'w', encoding='ascii') as file:
        file.write('#!/usr/bin/python3\nimport os, struct\nos.write(0, struct.pack("=HHI", 5, 1, 0))\n'
                   'os.write(1, struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 276))\nwhile os.read(0, 999):\n  pass\n')
    os.chmod(path, 0o755)
    app = Sandboxed()
    try:
        press_capture(app)
        app.press('Continue')
        app.wait_for('label', text='The Capture Helper Is of Another Version')
        app.wait_for('label', text=f'{path} is of another version than this program')
        atspi.wait(lambda: REINSTALL in app.label_texts() or None, 'that line alone', sandbox.PATIENCE_S)
        screenshot('8-helper-of-another-version')
        types_reinstall(app)
    finally:
        app.kill()

    def once_more(again):
        """Flatpak moves what runs away, and has room for one of each version."""
        captures(again)
        types_reinstall(again)
    with_window(once_more)()
    with_window(captures)()


def captures(app):
    press_capture(app)
    app.press('Continue')
    app.wait_for('push button', name='Capturing')


def installed_elsewhere_for_one_user():
    """Where FLATPAK_USER_DIR says, in the one terminal it starts from: that is no installation for all users."""
    usual, elsewhere = (os.path.join(os.environ['HOME'], name) for name in ('.local/share/flatpak', 'my “flatpak”'))
    path = os.path.join(sandbox.deployed().replace(usual, elsewhere), 'libexec/portlight-helper')
    os.rename(usual, elsewhere)
    try:
        os.environ['FLATPAK_USER_DIR'] = elsewhere
        app = Sandboxed()
        try:
            press_capture(app)
            app.wait_for('label', text=FOR_ALL)
            app.press('Not Now')
            atspi.wait(lambda: not app.shows('label', text='You Will Be Asked for a Password') or None, 'the page gone', sandbox.PATIENCE_S)
            shutil.move(path, path + '.away')
            fails(app, 'The Capture Helper Is Missing', path, REINSTALL, shot='8-missing-elsewhere')
        finally:
            app.kill()
    finally:
        if os.path.exists(path + '.away'):
            shutil.move(path + '.away', path)
        os.environ.pop('FLATPAK_USER_DIR', None)
        shutil.rmtree(usual, ignore_errors=True)  # Flatpak may have made an empty one
        os.rename(elsewhere, usual)


def network_is_withdrawn():
    with sandbox.overridden('--unshare=network') as app:
        app.wait_for('label', text='The Sockets Cannot Be Listed')
        line = f'flatpak override --user --share=network {APP}'
        app.copies(line, 'Copy the Line That Mends It')
        screenshot('9-no-network')
        app.kill()
        works_after(line, lambda again: again.wait_for('push button', name=f':{PORT}'))


def cgroups_are_withdrawn():
    with sandbox.overridden('--nofilesystem=/sys/fs/cgroup') as app:
        app.wait_for('push button', name=f':{PORT}')
        app.wait_for('label', text='Apps Have No Names')
        line = f'flatpak override --user --filesystem=/sys/fs/cgroup:ro {APP}'
        app.copies(line, 'Copy This Line')
        screenshot('9-no-cgroups')
        app.press('Dismiss')
        atspi.wait(lambda: not app.shows('label', text='Apps Have No Names') or None, 'the notice gone', sandbox.PATIENCE_S)
        app.press('Capture')  # which this user may not: the state changes, and back
        app.wait_for('label', text='You Will Be Asked for a Password')
        app.press('Continue')
        app.wait_for('label', text='Capture Was Not Allowed')
        app.press('Back to the Sockets')
        app.wait_for('push button', name=f':{PORT}')
        assert not app.shows('label', text='Apps Have No Names'), 'the notice came back'
        another = app.another_window()  # where no other notice takes its place
        another.wait_for('push button', name=f':{PORT}')
        assert not another.shows('label', text='Apps Have No Names'), 'the notice came back in another window'
        app.open_details(f':{OTHER_PORT}')
        app.wait_for_row('Name', 'Another user')  # as the kernel tells of every socket
        app.open_details(f':{PORT}')
        app.wait_for_row('Name', 'unknown')
        app.wait_for('label', text='this one not the control groups')
        screenshot('9-no-cgroups-unknown')
        app.kill()
        if SERVER:
            works_after(line, lambda again: again.wait_for('push button', name=SERVER))


@with_window
def computer_has_no_cgroups(app):
    """Its folder of them is empty, and Portlight may see it: no permission is lacking, and no line is shown."""
    app.wait_for('push button', name=f':{PORT}')
    app.wait_for('label', text='/sys/fs/cgroup is empty')
    assert not any('flatpak override' in text or 'Flatpak hides' in text for text in app.label_texts()), app.label_texts()
    app.open_details(f':{PORT}')
    app.wait_for('label', text='this computer has no control groups')
    screenshot('9-no-cgroups-at-all')


@with_window
def disk_does_not_let_pkexec_become_root(app):
    told = fails(app, 'Nothing Here Can Ask for the Password', 'mounted with “nosuid”', 'Type this line where root is logged in', shot='5-nosuid')
    line = next(text for text in told if text.startswith('mount -o remount,bind,suid '))
    with open(os.path.join(os.path.dirname(sandbox.SHOTS), 'console'), 'w', encoding='utf-8') as console:
        console.write(line + '\n')
    atspi.wait(lambda: not os.statvfs('/usr/bin').f_flag & os.ST_NOSUID, f'what “{line}” does', sandbox.PATIENCE_S)
    captures(app)


@with_window
def session_lets_no_program_gain_rights(app):
    fails(app, 'Nothing Here Can Ask for the Password', 'what starts programs for Flatpaks', 'No line here changes that', shot='5-no-new-privileges')


@with_window
def disk_is_told_to_run_programs(app):
    type_what_mends(app, 'Capture Could Not Start', 'sudo mount -o remount,bind,exec ', '10-noexec-for-all')
    app.wait_for('push button', name='Capturing')


@with_window
def pkexec_is_marked(app):
    type_what_mends(app, 'Nothing Here Can Ask for the Password', 'sudo chmod u+s ', '5-no-setuid')
    app.press('Continue')  # the risk of an install for one user is explained each time
    app.wait_for('push button', name='Capturing')


@with_window
def pkexec_is_marked_on_a_disk_that_was_read_only(app):
    type_what_mends(app, 'Nothing Here Can Ask for the Password', 'sudo mount -o remount,rw ', '5-no-setuid-read-only')
    app.press('Continue')
    app.wait_for('push button', name='Capturing')


def type_what_mends(app, title, beginning, shot):
    """The line as it is shown, then another try in the same window."""
    press_capture(app)
    app.press('Continue')
    app.wait_for('label', text=title)
    line = atspi.text_of(app.wait_for('label', text=beginning))
    assert line.startswith(beginning), line
    screenshot(shot)
    types(line, 'bash', 'dash')
    app.press('Try Again')


def as_root(line):
    """The line as it is shown; flatpak's questions answered."""
    assert 'sudo ' in line, line
    types(line.replace(' install --system ', ' install --system -y --noninteractive --no-deps '))


def for_all_helper_may_not_be_executed():
    path = os.path.join(sandbox.deployed(), 'libexec/portlight-helper')
    line = f"sudo chmod 755 '{path}'"
    as_root(f"sudo chmod 644 '{path}'")
    try:
        app = Sandboxed()
        try:
            told = ' '.join(fails(app, 'Capture Could Not Start', 'may not be executed', line, shot='10-not-executable-for-all'))
            assert 'noexec' not in told, told
            as_root(line)
            app.press('Capture')  # explained once
            app.wait_for('push button', name='Capturing')
        finally:
            app.kill()
    finally:
        as_root(f"sudo chmod 755 '{path}'")


def copy_of_one_user_goes():
    """It was installed beside the one for all users, which starts again after the line, though Flatpak installs nothing twice."""
    bundle = os.environ['BUNDLE']
    for_all = sandbox.deployed()
    subprocess.run(['flatpak', 'install', '--user', '-y', '--noninteractive', '--no-deps', bundle], check=True, timeout=120)
    try:
        assert sandbox.deployed() != for_all, for_all
        app = Sandboxed()
        try:
            press_capture(app)
            app.wait_for('label', text='then quit it and open it anew')
            line = atspi.text_of(app.wait_for('label', text='sudo flatpak install --system '))
            for verb in ' install --system ', ' uninstall --user ':
                line = line.replace(verb, verb + '-y --noninteractive ')
            types(line, folder=os.path.dirname(bundle))
            assert sandbox.deployed() == for_all, line
            app.press('Continue')  # as one who did not quit: what runs is gone from the host
            app.wait_for('label', text='Portlight Was Updated or Removed')
        finally:
            app.kill()
        subprocess.run(['flatpak', 'repair', '--user'], check=True, timeout=120)  # takes away what was moved out of the way for it
    finally:
        subprocess.run(['flatpak', 'uninstall', '--user', '-y', '--noninteractive', APP], check=False, timeout=120)


def helper_comes_again_from_the_remote():
    """It was installed from the project's repository: no bundle is spoken of, and the line fetches it from there."""
    path = os.path.join(sandbox.deployed(), 'libexec/portlight-helper')
    line = f'flatpak kill {APP}; sudo flatpak install --system --reinstall portlight {APP}'
    as_root(f"sudo rm '{path}'")
    app = Sandboxed()
    try:
        told = ' '.join(fails(app, 'The Capture Helper Is Missing', path, line, shot='11-missing-from-the-remote'))
        assert './portlight.flatpak' not in told and told.count('Install Portlight again') == 1, told
        as_root(line)
        app.process.wait(sandbox.PATIENCE_S)  # ended by it
    finally:
        app.kill()
    with_window(captures)()


def update_while_it_runs():
    """As a software centre does by itself: the helper that this window knows is no more on the host. Only to quit helps."""
    old = sandbox.deployed()
    app = Sandboxed()
    try:
        app.wait_for('push button', name='Capture')
        as_root('sudo flatpak remote-modify --system --no-gpg-verify --url=file://' + os.environ['UPDATED'] + ' portlight && '
                'sudo flatpak update --system -y --noninteractive --no-deps ' + APP)
        assert sandbox.deployed() != old, old
        app.press('Capture')
        atspi.wait(lambda: app.shows('label', text='Portlight Was Updated or Removed') or app.shows('label', text='You Will Be Asked') or None,
                   'a page', sandbox.PATIENCE_S)
        assert not app.shows('label', text='You Will Be Asked'), app.label_texts()  # for a helper that is gone
        app.press('Back to the Sockets')
        app.wait_for('push button', name='What to Do')
        told = fails(app, 'Portlight Was Updated or Removed', 'updated or removed while it ran', 'then open it again', shot='11-updated', button='Quit')
        assert not any('captures or reads just now' in text for text in told), told
        with subprocess.Popen(['flatpak', 'run', APP, '-'], stdin=subprocess.PIPE):
            app.wait_for('label', text='Waiting for Packets')
            subprocess.run(['flatpak', 'run', APP, '--capture'], check=True, timeout=sandbox.PATIENCE_S)
            program = atspi.Node(app.window.bus_name, atspi.ROOT)
            atspi.wait(lambda: atspi.find(program, 'label', text='captures or reads just now ends'), 'what would end', sandbox.PATIENCE_S)
            atspi.press(atspi.find(program, 'push button', name='Quit') or atspi.find(program, 'button', name='Quit'))
            assert app.process.wait(sandbox.PATIENCE_S) == 0, app.said()
    finally:
        app.kill()
    with_window(captures)()
