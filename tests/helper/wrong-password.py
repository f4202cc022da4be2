"""wrong-password.py CLIENT: registers the real pkttyagent for CLIENT, starts it, and types a wrong password. Prints what both
said."""
import os
import pty
import select
import signal
import subprocess
import sys
import time

client = subprocess.Popen(['sh', '-c', 'read -r go; exec "$0" no-agent', sys.argv[1]], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
is_registered, notify = os.pipe()
agent, terminal = pty.fork()
if agent == 0:
    os.set_inheritable(notify, True)
    os.execvp('pkttyagent', ['pkttyagent', '--notify-fd', str(notify), '--process', str(client.pid)])
os.close(notify)
os.read(is_registered, 1)  # its end
client.stdin.write('go\n')
client.stdin.flush()
said, typed_s, end = b'', 0.0, time.monotonic() + 30
while client.poll() is None and time.monotonic() < end:
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            said += os.read(terminal, 4096)
        except OSError:
            break
    # Again if need be: what is typed before the echo is off is thrown away.
    if b'assword: ' in said and b'FAILED' not in said and time.monotonic() > typed_s + 1:
        os.write(terminal, b'wrong\n')
        typed_s = time.monotonic()
print(said.decode(errors='replace'))
print(client.communicate(timeout=20)[0])
os.kill(agent, signal.SIGTERM)
