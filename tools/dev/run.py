#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./dev run: one node on this machine with a sample community, which it makes at the first start
in ./run. Remove that folder to begin anew. Ctrl-C ends it."""
import os
import shutil
import signal
import subprocess
import sys

from samples import (ACCOUNTS, CHANNEL, DOMAIN, PORTS, PROGRAM, ROOT, WHAT, choose_ports,
                     make_community, send_letters, talk)

HOME = ROOT / "run"


def write_settings(ports):
    settings = HOME / "hamlet.toml"
    doors = "".join(f'{name} = ["127.0.0.1:{port}"]\n' for name, port in ports.items())
    settings.write_text(f'[node]\nhostname = "mail.{DOMAIN}"\ndata_folder = "{HOME}/data"\n\n'
                        f'[listen]\n{doors}\n[log]\nfile = "{HOME}/hamlet.log"\n')
    return settings


def write_irssi(ports):
    folder = HOME / "irssi"
    folder.mkdir(exist_ok=True)
    (folder / "config").write_text(
        f'servers = ( {{ address = "127.0.0.1"; port = "{ports["ircs"]}"; chatnet = "village"; use_tls = "yes";\n'
        f'              tls_verify = "no"; autoconnect = "yes"; }} );\n'
        f'chatnets = {{ village = {{ type = "IRC"; nick = "bob"; sasl_mechanism = "PLAIN";\n'
        f'              sasl_username = "bob@{DOMAIN}"; sasl_password = "{ACCOUNTS[2][2]}"; }}; }};\n'
        f'channels = ( {{ name = "{CHANNEL}"; chatnet = "village"; autojoin = "yes"; }} );\n')


def certificate():
    return next((HOME / "data").rglob("*.pem"))


def start(settings):
    """Returns when the node listens, which its log says."""
    log = HOME / "hamlet.log"
    seen = log.stat().st_size if log.exists() else 0
    # A group of its own: Ctrl-C reaches this program, which ends the node in order.
    node = subprocess.Popen([PROGRAM, "serve", "--config", settings], process_group=0)
    while node.poll() is None:
        if log.exists():
            with log.open() as lines:
                lines.seek(seen)
                if " node ready" in lines.read():
                    return node
        try:
            node.wait(0.05)
        except subprocess.TimeoutExpired:
            pass
    with log.open() if log.exists() else open(os.devnull) as lines:
        sys.exit("The node did not start:\n" + "".join(lines.readlines()[-10:]))


def tell(ports):
    cafile = os.path.relpath(certificate(), ROOT)
    out = [f"\nThe sample community {DOMAIN} is up, on 127.0.0.1:\n"]
    out += [f"  {port:>5}  {name:<14} {WHAT[name]}" for name, port in ports.items()]
    out += [f"\n{'Log in as':<31}with the password"]
    out += [f"  {name + '@' + DOMAIN:<29}{password}" for name, _, password in ACCOUNTS]
    reader, password = f"bob%40{DOMAIN}", ACCOUNTS[2][2]
    out += ["\nTry, in another terminal (apt-get install curl swaks; both ask for the password):\n",
            "  list Bob's mail, read his first letter:",
            f"    curl --cacert {cafile} -u bob@{DOMAIN} pop3s://127.0.0.1:{ports['pop3s']}/",
            f"    curl --cacert {cafile} -u bob@{DOMAIN} pop3s://127.0.0.1:{ports['pop3s']}/1",
            "  write to Bob from outside, and as Alice:",
            f"    swaks --server 127.0.0.1:{ports['smtp']} --from you@example.org --to bob@{DOMAIN}",
            f"    swaks --server 127.0.0.1:{ports['submission']} -tls --auth-user alice@{DOMAIN} "
            f"--from alice@{DOMAIN} --to bob@{DOMAIN}",
            "  look after it:",
            f"    curl http://127.0.0.1:{ports['admin']}/metrics",
            f"    {os.path.relpath(PROGRAM, ROOT)} account list --config run/hamlet.toml",
            "    tail -f run/hamlet.log",
            f"  chat in {CHANNEL} as Bob (apt-get install irssi), by TLS and SASL:",
            "    irssi --home run/irssi",
            "    /list   /msg NickServ help   /msg ChanServ info " + CHANNEL,
            f"    /quote OPER postmaster@{DOMAIN} :{ACCOUNTS[0][2]}",
            f"  or with a web client: ws://127.0.0.1:{ports['irc_websocket']}/",
            "\nCtrl-C ends it; the mail stays in ./run. Remove that folder to begin anew."]
    print("\n".join(out), flush=True)


def main():
    HOME.mkdir(exist_ok=True)
    ports = choose_ports(PORTS)
    settings = write_settings(ports)
    made = HOME / "made"
    if not made.exists():
        print(f"Makes the sample community {DOMAIN} in ./run …", flush=True)
        shutil.rmtree(HOME / "data", ignore_errors=True)  # a first start that was cut short
        make_community(settings)
    node = start(settings)
    try:
        if not made.exists():
            send_letters(ports["submission"], certificate())
            talk(ports["irc"])
            made.touch()
        write_irssi(ports)
        tell(ports)
        node.wait()
    except KeyboardInterrupt:
        print("\nEnds …", flush=True)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        node.terminate()
        status = node.wait()
    return status


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
