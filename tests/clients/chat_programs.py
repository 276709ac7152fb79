# SPDX-License-Identifier: Apache-2.0
"""Debian's programs for chat, each with the settings it needs to talk to a node for tests."""
import hashlib
import os
import pathlib
import re
import ssl
import subprocess
import tempfile
import time

from community import HOST
from terminal import PATIENCE, Terminal

PASSWORD = "correct-horse"  # without a space: ii sends PASS as it stands

AT_HOME = r"(End of|no) (MOTD|message of the day)"


def fingerprint(node, algorithm="sha256"):
    """Of the certificate that the node has made for itself."""
    pem = (pathlib.Path(node.folder) / "data" / "tls" / "self-signed.pem").read_text()
    body = re.search(r"-----BEGIN CERT.*?-----END CERTIFICATE-----", pem, re.S)[0]
    return hashlib.new(algorithm, ssl.PEM_cert_to_DER_cert(body)).hexdigest()


class Irssi(Terminal):
    """Logs in by SASL PLAIN inside TLS; trusts the one certificate that it was told of."""

    def __init__(self, node, name, nick=None, account=True):
        login = f"""sasl_mechanism = "PLAIN"; sasl_username = "{name}";
                    sasl_password = "{PASSWORD}";""" if account else ""
        super().__init__("irssi", "--home={home}", "--config={home}/config", files={"config": f"""
servers = ( {{ address = "{HOST}"; chatnet = "here"; port = "{node.port['ircs']}";
               use_tls = "yes"; tls_verify = "no"; autoconnect = "yes";
               tls_pinned_cert = "{':'.join(re.findall('..', fingerprint(node).upper()))}"; }} );
chatnets = {{ here = {{ type = "IRC"; nick = "{nick or name}"; {login} }}; }};
settings = {{ core = {{ real_name = "Irssi of {name}"; user_name = "{name}"; }};
              "irc/core" = {{ cmds_max_at_once = "100"; cmd_queue_speed = "1msec"; }};
              "fe-common/core" = {{ term_charset = "UTF-8"; }}; }};
"""})
        self.wait_for(AT_HOME)


class WeeChat(Terminal):
    """@param login Lines "option value" of its server beyond TLS."""

    def __init__(self, node, name, *login, nick=None, waits_for=AT_HOME):
        options = [f"nicks {nick or name}", "ssl on", "username " + name,
                   f"realname WeeChat of {name}", *login]
        commands = ";".join([
            f"/server add here {HOST}/{node.port['ircs']}",
            *(f"/set irc.server.here.{x}" for x in options),
            "/set irc.server_default.anti_flood_prio_high 0",
            "/set irc.server_default.anti_flood_prio_low 0",
            "/set weechat.bar.nicklist.size_max 14",
            "/set weechat.look.paste_max_lines -1",
            "/set irc.look.server_buffer independent", "/set irc.look.buffer_switch_join on",
            "/set irc.look.smart_filter off",
            "/connect here", "/buffer here"])
        super().__init__("weechat", "--dir", "{home}", "--no-connect", "--run-command", commands)
        self.wait_for(waits_for)

    @staticmethod
    def password(name, mechanism):
        return (f"sasl_mechanism {mechanism}", f"sasl_username {name}",
                f"sasl_password {PASSWORD}", "ssl_verify off")


class Ii:
    """A folder for each conversation with the files `in` and `out`."""

    def __init__(self, node, name, nick=None):
        self._folder = tempfile.TemporaryDirectory(prefix="hamlet-ii-")
        self.home = pathlib.Path(self._folder.name)
        self._program = subprocess.Popen(
            ["ii", "-s", HOST, "-p", str(node.port["irc"]), "-n", nick or name, "-k", "LOGIN",
             "-i", str(self.home)], env={**os.environ, "LOGIN": f"{name}:{PASSWORD}"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait_for(AT_HOME)

    def _place(self, where):
        return self.home / HOST / where if where else self.home / HOST

    def say(self, text, where=""):
        """@param where A channel or a nick; else the server."""
        pipe = self._place(where) / "in"
        end = time.monotonic() + PATIENCE
        while not pipe.exists():
            if time.monotonic() > end:
                raise AssertionError(f"ii has no {pipe.relative_to(self.home)}")
            time.sleep(0.05)
        with open(pipe, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")

    def text(self, where=""):
        try:
            return (self._place(where) / "out").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def wait_for(self, pattern, where="", patience=PATIENCE):
        end = time.monotonic() + patience
        while not (found := re.search(pattern, self.text(where), re.M)):
            if time.monotonic() > end:
                raise AssertionError(f"ii has not seen {pattern}:\n{self.text(where)}\n--\n"
                                     f"{self.text()}")
            time.sleep(0.05)
        return found

    def close(self):
        self._program.kill()
        self._program.wait()
        self._folder.cleanup()
