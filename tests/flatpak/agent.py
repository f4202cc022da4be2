"""A polkit agent for what org.freedesktop.Flatpak starts on the host: it notes the prompt that it should show, and closes it
or types a password, which the system checks as it does anybody's (polkit-agent-helper-1 and PAM)."""
import contextlib
import os
import pwd
import subprocess
import time

from gi.repository import Gio, GLib

AUTHORITY = ('org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority', 'org.freedesktop.PolicyKit1.Authority')
INTERFACE = '''<node><interface name='org.freedesktop.PolicyKit1.AuthenticationAgent'>
<method name='BeginAuthentication'><arg type='s'/><arg type='s'/><arg type='s'/><arg type='a{ss}'/><arg type='s'/><arg type='a(sa{sv})'/></method>
<method name='CancelAuthentication'><arg type='s'/></method></interface></node>'''
CHECKERS = ('/usr/lib/polkit-1/polkit-agent-helper-1', '/usr/libexec/polkit-agent-helper-1',
            '/usr/lib/policykit-1/polkit-agent-helper-1')


class Agent:
    """Its calls arrive in the default main context: iterate that. Without a password it closes the prompt, or with @holds leaves
    it open until type() is called."""

    def __init__(self, password=None, holds=False):
        self.password = password
        self.holds = holds
        self.held = None
        self.n_cancelled = 0
        self.prompts = []
        self.answers = []  # of the system, to each password
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        session.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'StartServiceByName',
                          GLib.Variant('(su)', ('org.freedesktop.Flatpak', 0)), None, 0, 5000)
        pid = session.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                                'GetConnectionUnixProcessID', GLib.Variant('(s)', ('org.freedesktop.Flatpak',)), None, 0, 5000)[0]
        with open(f'/proc/{pid}/stat') as file:
            start_time = int(file.read().rsplit(')', 1)[1].split()[19])
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM)
        node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
        self.object = self.bus.register_object('/test/agent', node.interfaces[0], self.on_call, None, None)
        self.subject = ('unix-process', {'pid': GLib.Variant('u', pid), 'start-time': GLib.Variant('t', start_time)})
        self.register(time.monotonic() + 20)

    def register(self, until):
        """One that was just ended is polkit's for a moment still."""
        while True:
            try:
                return self.call('RegisterAuthenticationAgent', GLib.Variant('((sa{sv})ss)', (self.subject, 'C', '/test/agent')))
            except GLib.Error as error:
                if 'already exists' not in error.message or time.monotonic() > until:
                    self.bus.unregister_object(self.object)
                    raise
            time.sleep(0.1)

    def call(self, method, arguments):
        self.bus.call_sync(*AUTHORITY, method, arguments, None, 0, 5000)

    def leave(self):
        self.bus.unregister_object(self.object)
        try:
            self.call('UnregisterAuthenticationAgent', GLib.Variant('((sa{sv})s)', (self.subject, '/test/agent')))
        except GLib.Error as error:  # what it asked for may have ended
            print('#', error.message)

    def check(self, cookie, identities):
        uid = next(details['uid'] for kind, details in identities if kind == 'unix-user')
        checker = subprocess.run([next(path for path in CHECKERS if os.path.exists(path)), pwd.getpwuid(uid).pw_name],
                                 input=f'{cookie}\n{self.password}\n', capture_output=True, text=True, timeout=30, check=False)
        self.answers.append(checker.stdout.split()[-1] if checker.stdout else checker.stderr)

    def type(self, password):
        """Into the prompt that was left open, whether it is still wanted or not."""
        cookie, identities, invocation = self.held
        self.password = password
        self.check(cookie, identities)
        invocation.return_value(None)

    def on_call(self, bus, sender, path, interface, method, parameters, invocation):
        if method == 'BeginAuthentication':
            _, message, _, _, cookie, identities = parameters.unpack()
            self.prompts.append(message)
            if self.holds:
                self.held = (cookie, identities, invocation)
                return
            if self.password is None:
                invocation.return_dbus_error('org.freedesktop.PolicyKit1.Error.Cancelled', 'closed')
                return
            self.check(cookie, identities)
        else:
            self.n_cancelled += 1
        invocation.return_value(None)


@contextlib.contextmanager
def agent_for(app, password=None):
    """While it lasts. It leaves when the test fails, too, which then says what was asked, answered and on view."""
    agent = Agent(password)
    try:
        yield agent
    except AssertionError as error:
        raise AssertionError(f'{error}; asked {agent.prompts}, answered {agent.answers}; on view: {app.label_texts()}') from error
    finally:
        agent.leave()
