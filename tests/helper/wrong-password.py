"""wrong-password.py CLIENT: starts CLIENT in a second, registers the real pkttyagent for it, and types a wrong password.
Prints what both said."""
import os
import pty
import select
import signal
import subprocess
import sys
import time

client = subprocess.Popen(['sh', '-c', 'sleep 1; exec "$0" no-agent', sys.argv[1]], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
agent, terminal = pty.fork()
if agent == 0:
    os.execvp('pkttyagent', ['pkttyagent', '--process', str(client.pid)])
said, is_typed, end = b'', False, time.monotonic() + 20
while client.poll() is None and time.monotonic() < end:
    if select.select([terminal], [], [], 0.1)[0]:
        try:
            said += os.read(terminal, 4096)
        except OSError:
            break
    if b'assword: ' in said and not is_typed:
        os.write(terminal, b'wrong\n')
        is_typed = True
print(said.decode(errors='replace'))
print(client.communicate(timeout=20)[0])
os.kill(agent, signal.SIGTERM)
